import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Finished, finished } from './finished.ts';

const wrangler = fileURLToPath(import.meta.resolve('wrangler'));

/**
 * Starts the project's own wrangler on the Node.js that runs this script, with its output piped.
 * Its launcher is left out, so that a signal to the child reaches wrangler itself.
 *
 * @param environment variables besides those of this process.
 */
export function startWrangler(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(process.execPath, ['--no-warnings', wrangler, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      // Neither is needed locally, and each is a stack trace where there is no internet.
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      WRANGLER_SEND_METRICS: 'false',
      ...process.env,
      ...environment,
      WRANGLER_LOG: undefined,
    },
  });
}

/** Runs wrangler to its end. Gives its exit code and output, whatever they are. */
export function runWrangler(args: readonly string[]): Promise<Finished> {
  return finished(startWrangler(args));
}
