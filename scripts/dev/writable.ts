import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../process/fail.ts';

/** Ends the script with one sentence if files cannot be created in one of the folders. Creates missing folders. */
export function requireWritable(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      mkdirSync(folder, { recursive: true });
      rmdirSync(mkdtempSync(join(folder, '.writable-')));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const place = folder === '.' ? process.cwd() : folder;
      fail(
        `\`npm run dev\` cannot write to ${place} (${code}). Make this folder writable for you.`,
      );
    }
  }
}
