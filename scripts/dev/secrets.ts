import { newSigningKey } from '../../src/auth/signing-keys.ts';

/** The secrets that wrangler.toml requires; each is a signing key. */
const SECRETS = ['SIGNING_KEY_A', 'SIGNING_KEY_B'];
/** The assignment of a secret that nothing reads any more, with all lines of its quoted value. */
const UNREAD = /^[ \t]*(?:export[ \t]+)?SIGNING_KEYS[ \t]*=[ \t]*(?:'[^']*')?.*\r?\n?/gm;

/** A `.dev.vars` with all secrets, and what was done to it. */
export interface CompletedSecrets {
  readonly text: string;
  /** The names of those that were missing. */
  readonly added: readonly string[];
  /** Whether an assignment that nothing reads was taken out. */
  readonly dropped: boolean;
}

/** Adds new keys for the secrets that a `.dev.vars` lacks, and leaves every line of others as it is. */
export async function completeSecrets(text: string): Promise<CompletedSecrets> {
  let completed = text.replace(UNREAD, '');
  const dropped = completed !== text;
  const added = SECRETS.filter(
    (name) => !new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=`, 'm').test(completed),
  );
  for (const name of added) {
    if (completed !== '' && !completed.endsWith('\n')) {
      completed += '\n';
    }
    completed += `${name}='${JSON.stringify(await newSigningKey())}'\n`;
  }
  return { text: completed, added, dropped };
}
