import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Creates a temporary folder and removes it after `use`. */
export async function withFolder<T>(use: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'prepared-tickets-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

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
