import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Finished, type Piped, Running, start } from './command.ts';

const wrangler = fileURLToPath(import.meta.resolve('wrangler'));

/** Returns the arguments of Node.js that run the project's wrangler without its launcher. */
const program = (args: readonly string[]) => ['--no-warnings', wrangler, ...args];

/** Returns the environment of wrangler. Local commands need neither, and without internet access each prints a stack trace. */
const environmentOf = (environment: Readonly<Record<string, string>>) => ({
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  ...process.env,
  ...environment,
  WRANGLER_LOG: undefined,
});

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
  return start(process.execPath, program(args), { env: environmentOf(environment) });
}

/** How many commands of wrangler run at the same time. Each takes about 250 MB, and there can be 50 homes. */
const MAX_AT_A_TIME = 4;
const waiting: (() => void)[] = [];
let running = 0;

/**
 * Runs wrangler until it ends, after earlier calls if four of them have not ended yet. Returns its exit code and output
 * even if it fails.
 */
export async function runWrangler(args: readonly string[]): Promise<Finished> {
  if (running === MAX_AT_A_TIME) {
    // Whoever ends hands its place over.
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running += 1;
  }
  try {
    return await new Running(startWrangler(args)).end;
  } finally {
    const next = waiting.shift() ?? (() => (running -= 1));
    next();
  }
}

/** Runs wrangler in the terminal of this process, in which it can ask questions. Returns its exit code. */
export function showWrangler(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, program(args), {
    stdio: 'inherit',
    env: environmentOf({}),
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
