import type { ChildProcess } from 'node:child_process';

/** How a command ended. */
export interface Finished {
  /** The exit code; null for one that a signal ended, a time-out's too. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Waits for a command to end.
 *
 * @param child one with its output piped.
 * @throws the system's error when it could not be started.
 */
export function finished(child: ChildProcess): Promise<Finished> {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...output }));
  });
}
