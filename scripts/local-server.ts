import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.ts';

/** Milliseconds that a start may take on a busy machine. */
const START = 60_000;
/** Milliseconds that a stop may take before it is forced. */
const STOP = 5_000;

/** A running API of its own: a free port and an empty database with the demo partners. */
export interface LocalServer {
  readonly origin: string;
  /** What a command needs in its environment to speak to this server and no other. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Starts the API as `npm run dev` does, in a temporary state, for the time of `use`.
 *
 * @throws Error with the server's output when it does not come up.
 */
export async function withLocalServer<T>(use: (server: LocalServer) => Promise<T>): Promise<T> {
  const state = mkdtempSync(join(tmpdir(), 'prepared-tickets-'));
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const environment = { PORT: String(port), DEV_STATE: state };
  const child = spawn(process.execPath, ['scripts/dev.ts'], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => resolve());
  });
  const ready = new Promise<void>((resolve, reject) => {
    const failed = () => reject(new Error(`The API did not start:\n${output}`));
    const timer = setTimeout(failed, START);
    child.on('close', failed).on('close', () => clearTimeout(timer));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
        if (output.includes(`${origin}/docs`)) {
          clearTimeout(timer);
          resolve();
        }
      });
    }
  });
  try {
    await ready;
    return await use({ origin, environment });
  } finally {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(timer);
    rmSync(state, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
