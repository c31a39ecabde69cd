import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeSecrets } from './secrets.ts';

const FILE = '.dev.vars';
/** The address that `wrangler dev` serves on; `npm run dev` replaces it with that of its PORT. */
const ISSUER = 'http://localhost:8787';
/** Only its owner reads and writes it. */
const MODE = 0o600;

/**
 * Sees to it that `.dev.vars` has every secret and the local address, and that nobody else on the machine
 * can read it, also when the file existed with a wider mode.
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
  const hasIssuer = /^[ \t]*(?:export[ \t]+)?ISSUER[ \t]*=/m.test(text);
  if (added.length === 0 && !dropped && hasIssuer) {
    return [];
  }
  const end = text === '' || text.endsWith('\n') ? '' : '\n';
  writeFileSync(file, hasIssuer ? text : `${text}${end}ISSUER='${ISSUER}'\n`, { mode: MODE });
  const done: string[] = [];
  if (added.length > 0) {
    const names = added.join(' and ');
    done.push(
      exists ? `Added new keys to ${FILE}: ${names}.` : `Made ${FILE} with new keys: ${names}.`,
    );
  }
  if (exists && !hasIssuer) {
    done.push(`Added the local address to ${FILE}: ISSUER.`);
  }
  if (dropped) {
    done.push(`Took SIGNING_KEYS out of ${FILE}: nothing reads it any more.`);
  }
  return done;
}
