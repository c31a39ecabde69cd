import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Finished, finished } from './finished.ts';

const wrangler = fileURLToPath(import.meta.resolve('wrangler'));

/**
 * Starts the project's wrangler on the Node.js that runs this script, with its output piped. Bypasses
 * wrangler's launcher, so that a signal to the child process reaches wrangler itself.
 *
 * @param environment environment variables in addition to those of this process.
 */
export function startWrangler(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  return startNode(args, ['ignore', 'pipe', 'pipe'], environment);
}

function startNode(
  args: readonly string[],
  stdio: StdioOptions,
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  return spawn(process.execPath, ['--no-warnings', wrangler, ...args], {
    stdio,
    env: {
      // Local commands need neither, and without internet access each prints a stack trace.
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      WRANGLER_SEND_METRICS: 'false',
      ...process.env,
      ...environment,
      WRANGLER_LOG: undefined,
    },
  });
}

/** Runs wrangler until it ends. Returns its exit code and output even if it fails. */
export function runWrangler(args: readonly string[]): Promise<Finished> {
  return finished(startWrangler(args));
}

/** Runs wrangler in the terminal of this process, in which it can ask questions. Returns its exit code. */
export function showWrangler(args: readonly string[]): Promise<number> {
  const child = startNode(args, 'inherit', {});
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
