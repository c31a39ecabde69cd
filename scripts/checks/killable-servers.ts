import { once } from 'node:events';
import { type RunningServer, startLocalServer } from '../dev/local-server.ts';
import { withFolder } from '../process/folder.ts';

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
