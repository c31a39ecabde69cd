import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeSecrets } from './secrets.ts';

const FILE = '.dev.vars';
/** Only its owner reads and writes it. */
const MODE = 0o600;

/**
 * Sees to it that `.dev.vars` has every secret, and that nobody else on the machine can read them, also
 * when the file existed with a wider mode.
 *
 * @param folder where the file is.
 * @returns what it did, a sentence each.
 */
export async function completeDevVars(folder = '.'): Promise<string[]> {
  const file = join(folder, FILE);
  const exists = existsSync(file);
  if (exists) {
    // Before anything is written: the mode that `writeFileSync` takes is for a new file only.
    chmodSync(file, MODE);
  }
  const { text, added, dropped } = await completeSecrets(exists ? readFileSync(file, 'utf8') : '');
  if (added.length === 0 && !dropped) {
    return [];
  }
  writeFileSync(file, text, { mode: MODE });
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
