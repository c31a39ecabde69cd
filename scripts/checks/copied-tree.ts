import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Returns the paths of the files that git tracks or would add. */
function trackedFiles(): string[] {
  const command = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  return execFileSync('git', command).toString().split('\0').filter(Boolean);
}

/** Copies the files that git tracks or would add, and links the installed packages. */
export function copyTree(folder: string): void {
  for (const file of trackedFiles()) {
    cpSync(file, join(folder, file));
  }
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction');
}

/** Returns the paths of the copied files that were changed or removed since. */
export function changedFiles(folder: string): string[] {
  return trackedFiles().filter((file) => {
    const copy = join(folder, file);
    return !existsSync(copy) || !readFileSync(copy).equals(readFileSync(file));
  });
}
