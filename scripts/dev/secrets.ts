import { newSealingKeySet } from '../../src/auth/sealing-keys.ts';
import { newSigningKey } from '../../src/auth/signing-keys.ts';

/** The secrets that wrangler.toml requires, each with the function that creates its value. */
const SECRETS: Readonly<Record<string, () => unknown>> = {
  SIGNING_KEY_A: newSigningKey,
  SIGNING_KEY_B: newSigningKey,
  WEBHOOK_KEYS: newSealingKeySet,
};
/** The assignment of an obsolete secret, with all lines of its quoted value. */
const OBSOLETE = /^[ \t]*(?:export[ \t]+)?SIGNING_KEYS[ \t]*=[ \t]*(?:'[^']*')?.*\r?\n?/gm;

/** The text of a `.dev.vars` with all secrets, and the changes that were made to it. */
export interface CompletedSecrets {
  readonly text: string;
  /** The names of the secrets that were missing. */
  readonly added: readonly string[];
  /** Whether the assignment of an obsolete secret was removed. */
  readonly dropped: boolean;
}

/** Adds new keys for the secrets that a `.dev.vars` lacks. Leaves the lines of other variables unchanged. */
export async function completeSecrets(text: string): Promise<CompletedSecrets> {
  let completed = text.replace(OBSOLETE, '');
  const dropped = completed !== text;
  const missing = Object.entries(SECRETS).filter(
    ([name]) => !new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=`, 'm').test(completed),
  );
  for (const [name, create] of missing) {
    if (completed !== '' && !completed.endsWith('\n')) {
      completed += '\n';
    }
    completed += `${name}='${JSON.stringify(await create())}'\n`;
  }
  return { text: completed, added: missing.map(([name]) => name), dropped };
}
