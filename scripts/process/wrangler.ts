import { fileURLToPath } from 'node:url';
import { type Finished, type Piped, Running, start } from './command.ts';

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
): Piped {
  return start(process.execPath, ['--no-warnings', wrangler, ...args], {
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
  return new Running(startWrangler(args)).end;
}
