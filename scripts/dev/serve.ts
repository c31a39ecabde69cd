import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { SITE_IS_MISSING } from '../build/missing-site.ts';
import type { Piped } from '../process/command.ts';
import { startWrangler } from '../process/wrangler.ts';
import { BackgroundSite } from './docs-site.ts';
import { local } from './local.ts';
import { readableLine } from './output-line.ts';

/**
 * Serves the Worker locally until it is stopped, and forwards signals to it. Hides the start messages of
 * wrangler, but not its errors, and prints one line for each request. Builds the docs site meanwhile.
 *
 * @param origin the address that tokens and documents contain.
 * @param variables the variables of the Worker that other users of the machine must not read. They can read
 * the arguments of a process, but not its environment.
 * @param greeting the text that is printed when the server accepts requests.
 * @returns when the server has ended. The process exits with the exit code of the server.
 */
export async function serve(
  port: number,
  origin: string,
  variables: Readonly<Record<string, string>>,
  greeting: string,
): Promise<void> {
  const { WEBHOOK_DELAYS, RATE_LIMITS = 'off' } = process.env;
  // The build that wrangler runs reads these variables.
  const build = { DEV_ISSUER: origin, DEV_ASSETS: local.assets };
  const child = startWrangler(
    [
      'dev',
      ...['--config', local.config],
      // Disables remote bindings even if wrangler.toml has some.
      '--local',
      ...['--port', String(port)],
      ...[
        '--var',
        `ISSUER:${origin}`,
        'EXPOSE_COST:true',
        `RATE_LIMITS:${RATE_LIMITS}`,
        'API_KEYS:test',
        ...(WEBHOOK_DELAYS === undefined ? [] : [`WEBHOOK_DELAYS:${WEBHOOK_DELAYS}`]),
      ],
      // With --env-file, wrangler also takes the values of variables from its own environment.
      ...['--env-file', resolve('.dev.vars')],
      ...['--persist-to', local.database],
      ...['--assets', local.assets],
      '--show-interactive-dev-session=false',
    ],
    { ...build, ...variables },
  );
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => child.kill(signal));
  }
  stopWithParent(child);
  const site = new BackgroundSite(origin, build);
  let held = '';
  let isReady = false;
  let lacksSite = false;
  const receive = (line: string, print: (line: string) => void) => {
    if (line.includes(SITE_IS_MISSING)) {
      lacksSite = true;
    } else if (isReady) {
      const readable = readableLine(line);
      if (readable !== undefined) {
        print(readable);
      }
    } else {
      // Until then wrangler prints warnings on the configuration, which matter only if the start fails.
      held += `${line}\n`;
    }
    const becomesReady = !isReady && /Ready on \S+/.test(line);
    isReady ||= becomesReady;
    if (isReady && lacksSite) {
      lacksSite = false;
      void site.build();
    }
    if (becomesReady) {
      console.log(greeting);
    }
  };
  createInterface(child.stdout).on('line', (line) => receive(line, console.log));
  createInterface(child.stderr).on('line', (line) => receive(line, console.error));
  const [status] = (await once(child, 'close')) as [number | null];
  const code = status ?? 0;
  site.stop();
  if (code !== 0 && !isReady) {
    console.error(held);
  }
  process.exitCode = code;
}

/**
 * Stops the server when the parent of this process ends. npm starts scripts through a shell that does not
 * forward a signal, so without this the server would outlive `kill` of `npm run dev` and hold its port.
 */
function stopWithParent(child: Piped): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) {
      child.kill('SIGTERM');
    }
  }, 500);
  timer.unref();
}
