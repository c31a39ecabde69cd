import type { ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { startWrangler } from '../process/wrangler.ts';
import { local } from './local.ts';

/** The variables of the Worker that the environment of `npm run dev` can set, in addition to its own. */
const FORWARDED = ['WEBHOOK_DELAYS'];

/**
 * Serves the Worker locally until it is stopped, and forwards signals to it. Hides the start messages of
 * wrangler, but not its requests, logs and errors.
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
  const forwarded = FORWARDED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [`${name}:${value}`];
  });
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
        'RATE_LIMITS:off',
        'API_KEYS:test',
        ...forwarded,
      ],
      // With --env-file, wrangler also takes the values of variables from its own environment.
      ...['--env-file', resolve('.dev.vars')],
      ...['--persist-to', local.database],
      ...['--assets', local.assets],
      '--show-interactive-dev-session=false',
    ],
    // The build that wrangler runs reads these variables.
    { DEV_ISSUER: origin, DEV_ASSETS: local.assets, ...variables },
  );
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => child.kill(signal));
  }
  stopWithParent(child);
  let held = '';
  let ready = false;
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    if (ready) {
      process.stdout.write(chunk);
      return;
    }
    held += chunk;
    if (/Ready on \S+/.test(held)) {
      ready = true;
      console.log(greeting);
    }
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    if (ready) {
      process.stderr.write(chunk);
    } else {
      // Until then wrangler prints warnings on the configuration, which matter only if the start fails.
      held += chunk;
    }
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve(status ?? 0));
  });
  if (code !== 0 && !ready) {
    console.error(held);
  }
  process.exitCode = code;
}

/**
 * Stops the server when the parent of this process ends. npm starts scripts through a shell that does not
 * forward a signal, so without this the server would outlive `kill` of `npm run dev` and hold its port.
 */
function stopWithParent(child: ChildProcess): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) {
      child.kill('SIGTERM');
    }
  }, 500);
  timer.unref();
}
