import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { completeSecrets } from './dev-secrets.ts';

const FILE = '.dev.vars';

/** Sees to it that `.dev.vars` has every secret. Tells what it did, a sentence each. */
export async function completeDevVars(): Promise<string[]> {
  const exists = existsSync(FILE);
  const { text, added, dropped } = await completeSecrets(exists ? readFileSync(FILE, 'utf8') : '');
  if (added.length === 0 && !dropped) {
    return [];
  }
  writeFileSync(FILE, text, { mode: 0o600 });
  const done: string[] = [];
  if (added.length > 0) {
    const names = added.join(' and ');
    done.push(
      exists ? `Added new keys to ${FILE}: ${names}.` : `Made ${FILE} with new keys: ${names}.`,
    );
  }
  if (dropped) {
    done.push(`Took SIGNING_KEYS out of ${FILE}: nothing reads it any more.`);
  }
  return done;
}
