import type { ChildProcess } from 'node:child_process';
import { startWrangler } from '../process/wrangler.ts';
import { local } from './local.ts';

/**
 * Serves the Worker locally until it is stopped; a signal to this process is passed on. wrangler's
 * own greeting is left out, its requests, logs and errors are not.
 *
 * @param origin the address that tokens and documents name.
 * @param greeting printed once requests are answered.
 * @returns when the server has ended; its exit code is the process's.
 */
export async function serve(port: number, origin: string, greeting: string): Promise<void> {
  const child = startWrangler(
    [
      'dev',
      // Remote bindings off, whatever wrangler.toml says.
      '--local',
      ...['--port', String(port)],
      ...['--var', `ISSUER:${origin}`, 'EXPOSE_COST:true', 'RATE_LIMITS:off', 'API_KEYS:test'],
      ...['--persist-to', local.database],
      ...['--assets', local.assets],
      '--show-interactive-dev-session=false',
    ],
    // Read by the build that wrangler runs.
    { DEV_ISSUER: origin, DEV_ASSETS: local.assets },
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
      // Remarks on the configuration: of interest only when the start fails.
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
 * npm starts scripts through a shell that dies of a signal without passing it on: the server would
 * outlive `kill` of `npm run dev` and hold its port.
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
