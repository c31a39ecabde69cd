import type { ChildProcess } from 'node:child_process';

/** The result of a command that ended. */
export interface Finished {
  /** The exit code; null if a signal ended the command, for example after a time-out. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Waits for a command to end.
 *
 * @param child a process whose output is piped.
 * @throws the error of the operating system if the command could not be started.
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
