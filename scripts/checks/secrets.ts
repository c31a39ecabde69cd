import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeDevVars } from '../dev/vars.ts';
import { withFolder } from '../process/folder.ts';

/** The contents of `.dev.vars` before `npm run dev`: no file, and files with no, other and all secrets. */
const initialTexts = [
  ...[undefined, '', 'OTHER=1\n'],
  "SIGNING_KEY_A='1'\nSIGNING_KEY_B='2'\nWEBHOOK_KEYS='3'\n",
];

/** Completes a `.dev.vars` and returns its permissions in octal digits. */
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
 * Checks that only the owner can read `.dev.vars`, which contains the local keys, whatever its mode
 * was before. Does nothing on Windows, which has no such modes.
 */
export async function checkSecrets(): Promise<string[]> {
  if (process.platform === 'win32') {
    return [];
  }
  const faults: string[] = [];
  for (const text of initialTexts) {
    const mode = await withFolder((folder) => modeAfter(folder, text));
    if (mode !== '600') {
      faults.push(
        `.dev.vars with the initial text ${JSON.stringify(text)} has the mode ${mode} instead of 600.`,
      );
    }
  }
  return faults;
}
