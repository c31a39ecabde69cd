import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withState } from '../dev/local-server.ts';
import { completeDevVars } from '../dev/vars.ts';

/** What may be there before `npm run dev`: no file, and files that lack secrets or have them all. */
const starts = [undefined, '', 'OTHER=1\n', "SIGNING_KEY_A='1'\nSIGNING_KEY_B='2'\n"];

/** The permissions of `.dev.vars` after it was completed, in octal digits. */
async function modeAfter(folder: string, text: string | undefined): Promise<string> {
  const file = join(folder, '.dev.vars');
  if (text !== undefined) {
    writeFileSync(file, text);
    chmodSync(file, 0o644);
  }
  await completeDevVars(folder);
  return (statSync(file).mode & 0o777).toString(8);
}

/**
 * Holds that `.dev.vars`, which has the local signing keys, can be read by its owner only, whatever its
 * mode was before. Windows knows no such modes.
 *
 * @returns what is wrong, a sentence each.
 */
export async function checkSecrets(): Promise<string[]> {
  if (process.platform === 'win32') {
    return [];
  }
  const faults: string[] = [];
  for (const text of starts) {
    const mode = await withState((folder) => modeAfter(folder, text));
    if (mode !== '600') {
      faults.push(`.dev.vars that held ${JSON.stringify(text)} has the mode ${mode}, not 600.`);
    }
  }
  return faults;
}
