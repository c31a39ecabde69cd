import { once } from 'node:events';
import { OWN_GROUP, Running, start } from '../process/command.ts';
import { withFolder } from '../process/folder.ts';
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
async function startLocalServer(
  state: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const environment = { PORT: String(port), DEV_STATE: state };
  const running = new Running(
    start(process.execPath, [DEV_SCRIPT], {
      environment: { ...environment, ...settings },
      // So that a crash also kills the runtime.
      ...OWN_GROUP,
    }),
  );
  const server: RunningServer = {
    origin,
    environment,
    async stop() {
      const timer = setTimeout(() => running.signalGroup('SIGKILL'), STOP_TIMEOUT_MS);
      running.child.kill('SIGTERM');
      await running.end;
      clearTimeout(timer);
    },
    crash: () => running.kill(),
  };
  const isReady = (output: string) =>
    output.includes(`${origin}/docs`) &&
    (!output.includes(siteMessages.begins) || output.includes(siteMessages.isServed));
  try {
    await running.untilOutput(isReady, START_TIMEOUT_MS, 'The API did not start');
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** Starts the API with a temporary database and stops it after `use`. */
export function withLocalServer<T>(use: (server: LocalServer) => Promise<T>): Promise<T> {
  return withFolder(async (state) => {
    const server = await startLocalServer(state);
    try {
      return await use(server);
    } finally {
      await server.stop();
    }
  });
}

/**
 * Runs a check that starts servers on one database and kills them. Afterwards, or when its time is over, kills
 * all servers that still run.
 *
 * @param timeoutMs the longest time that the check may take, in milliseconds.
 * @param check gets a function that starts a server. Its argument contains environment variables for
 * `npm run dev`.
 * @returns the faults that the check returns, or one if it takes too long.
 */
export function withKillableServers(
  timeoutMs: number,
  check: (
    start: (settings?: Readonly<Record<string, string>>) => Promise<RunningServer>,
  ) => Promise<string[]>,
): Promise<string[]> {
  return withFolder(async (state) => {
    const servers: RunningServer[] = [];
    let isOver = false;
    const start = async (settings: Readonly<Record<string, string>> = {}) => {
      const server = await startLocalServer(state, settings);
      servers.push(server);
      // A server that starts after the time limit must be stopped here, because nothing else stops it.
      if (isOver) {
        await server.crash();
      }
      return server;
    };
    const late = once(AbortSignal.timeout(timeoutMs), 'abort').then(() => [
      `It took more than ${timeoutMs / 1000} seconds.`,
    ]);
    try {
      return await Promise.race([check(start), late]);
    } finally {
      isOver = true;
      await Promise.all(servers.map((server) => server.crash()));
    }
  });
}
