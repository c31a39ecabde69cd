import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeSecrets } from './secrets.ts';

const FILE = '.dev.vars';
/** The address that `wrangler dev` serves on. `npm run dev` overrides it with the address of its PORT. */
const ISSUER = 'http://localhost:8787';
/** Only the owner of the file can read and write it. */
const MODE = 0o600;

/**
 * Adds every missing secret and the local address to `.dev.vars`, and makes the file readable for its
 * owner only, even if it existed with a wider mode.
 *
 * @param folder the folder of the file.
 * @returns one sentence for each change.
 */
export async function completeDevVars(folder = '.'): Promise<string[]> {
  const file = join(folder, FILE);
  const exists = existsSync(file);
  if (exists) {
    // Runs before anything is written, because `writeFileSync` applies its mode only to a new file.
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
      exists ? `Added new keys to ${FILE}: ${names}.` : `Created ${FILE} with new keys: ${names}.`,
    );
  }
  if (exists && !hasIssuer) {
    done.push(`Added the local address to ${FILE}: ISSUER.`);
  }
  if (dropped) {
    done.push(`Removed SIGNING_KEYS from ${FILE}, because nothing reads it any more.`);
  }
  return done;
}
