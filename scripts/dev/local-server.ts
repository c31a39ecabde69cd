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

/** A server that its starter stops. */
export interface RunningServer extends LocalServer {
  /** Ends it in its own time. */
  stop(): Promise<void>;
  /** Ends it and all that it started at once, as `kill -9` does: nothing is finished or written any more. */
  crash(): Promise<void>;
}

/**
 * Starts the API as `npm run dev` does.
 *
 * @param state the folder of its database, kept when it ends.
 * @throws Error with the server's output when it does not come up.
 */
export async function startLocalServer(state: string): Promise<RunningServer> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const environment = { PORT: String(port), DEV_STATE: state };
  const child = spawn(process.execPath, ['scripts/dev/dev.ts'], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that a crash takes the runtime with it.
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
      const timer = setTimeout(() => kill('SIGKILL'), STOP);
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
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** A folder for the state of servers, for the time of `use`. */
export async function withState<T>(use: (state: string) => Promise<T>): Promise<T> {
  const state = mkdtempSync(join(tmpdir(), 'prepared-tickets-'));
  try {
    return await use(state);
  } finally {
    rmSync(state, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** Starts the API in a temporary state, for the time of `use`. */
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
