import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { siteMessages } from './docs-site.ts';
import { freePort } from './ports.ts';

/** The script that serves the API, from the root of the project. */
export const DEV_SCRIPT = 'scripts/dev/dev.ts';
/** The longest time that a start may take on a busy machine, with the docs site. */
const START_TIMEOUT_MS = 120_000;
/** The time after which a server that was asked to stop is killed. */
const STOP_TIMEOUT_MS = 5_000;

/** A running API on a free port, with a separate database that contains only the demo partners. */
export interface LocalServer {
  readonly origin: string;
  /** The environment variables that make a command use this server. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A running server. The code that starts it must stop it. */
export interface RunningServer extends LocalServer {
  /** Ends the server and lets it finish its work. */
  stop(): Promise<void>;
  /** Kills the server and its child processes immediately, like `kill -9`. They write nothing more. */
  crash(): Promise<void>;
}

/**
 * Starts the API like `npm run dev`.
 *
 * @param state the folder of its database. The folder remains when the server ends.
 * @param settings environment variables for `npm run dev`.
 * @throws Error with the output of the server if it does not start.
 */
export async function startLocalServer(
  state: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const environment = { PORT: String(port), DEV_STATE: state };
  const child = spawn(process.execPath, [DEV_SCRIPT], {
    env: { ...process.env, ...environment, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    // The server gets its own process group, so that a crash also kills the runtime.
    detached: process.platform !== 'win32',
  });
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => resolve());
  });
  const kill = (signal: NodeJS.Signals) => {
    const { pid } = child;
    if (pid !== undefined && process.platform !== 'win32') {
      process.kill(-pid, signal);
    } else {
      child.kill(signal);
    }
  };
  const server: RunningServer = {
    origin,
    environment,
    async stop() {
      const timer = setTimeout(() => kill('SIGKILL'), STOP_TIMEOUT_MS);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(timer);
    },
    async crash() {
      if (child.exitCode === null && child.signalCode === null) {
        kill('SIGKILL');
      }
      await ended;
    },
  };
  let output = '';
  const ready = new Promise<void>((resolve, reject) => {
    const failed = () => reject(new Error(`The API did not start:\n${output}`));
    const timer = setTimeout(failed, START_TIMEOUT_MS);
    child.on('close', failed).on('close', () => clearTimeout(timer));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
        const waitsForSite = output.includes(siteMessages.begins);
        if (
          output.includes(`${origin}/docs`) &&
          (!waitsForSite || output.includes(siteMessages.isServed))
        ) {
          clearTimeout(timer);
          resolve();
        }
      });
    }
  });
  try {
    await ready;
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** Creates a folder for the state of servers and removes it after `use`. */
export async function withState<T>(use: (state: string) => Promise<T>): Promise<T> {
  const state = mkdtempSync(join(tmpdir(), 'prepared-tickets-'));
  try {
    return await use(state);
  } finally {
    rmSync(state, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** Starts the API with a temporary database and stops it after `use`. */
export function withLocalServer<T>(use: (server: LocalServer) => Promise<T>): Promise<T> {
  return withState(async (state) => {
    const server = await startLocalServer(state);
    try {
      return await use(server);
    } finally {
      await server.stop();
    }
  });
}
