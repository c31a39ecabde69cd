import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { withState } from '../dev/local-server.ts';
import { freePort } from '../dev/ports.ts';

/** Milliseconds that the first start may take: it makes keys and applies every migration. */
const START_TIMEOUT_MS = 60_000;

/** What a fresh clone responds with: the path, the status, and a part of the body. */
const expected: readonly (readonly [path: string, status: number, part: string])[] = [
  ['/docs', 200, '<script src="/docs/scalar.js">'],
  ['/docs/scalar.js', 200, 'Scalar'],
  ['/openapi.json', 200, '"url":"http://localhost:8787"'],
  ['/openapi.yaml', 200, 'openapi: 3.1.0'],
  ['/v2/tickets/prepared-tickets', 401, '"type":"/problems/credentials-missing"'],
  ['/health/ready', 200, '"status"'],
];

/** Copies what a clone has: files that git knows, or would take. The packages are those that are here. */
function copyTree(folder: string): void {
  const list = execFileSync('git', [
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
  ]);
  for (const file of list.toString().split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(file, join(folder, file));
  }
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction');
}

/** Starts `wrangler dev` as a developer does, in a process group of its own. */
function start(folder: string, port: number): ChildProcess {
  const { PORT: _port, DEV_STATE: _state, ...environment } = process.env;
  const wrangler = join('node_modules', 'wrangler', 'bin', 'wrangler.js');
  return spawn(process.execPath, [wrangler, 'dev', '--port', String(port)], {
    cwd: folder,
    env: { ...environment, CI: 'true', CLOUDFLARE_CF_FETCH_ENABLED: 'false' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  });
}

/** Ends the server with everything that it started. */
async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode === null && child.pid !== undefined && process.platform !== 'win32') {
    process.kill(-child.pid, 'SIGKILL');
  } else {
    child.kill('SIGKILL');
  }
  await ended;
}

/** Sends the requests that `expected` lists. @returns what is wrong, a sentence each. */
async function request(origin: string): Promise<string[]> {
  const faults: string[] = [];
  for (const [path, status, part] of expected) {
    const response = await fetch(origin + path);
    const body = await response.text();
    if (response.status !== status || !body.includes(part)) {
      faults.push(`${path} answers ${response.status}, not ${status} with ${part}.`);
    }
  }
  return faults;
}

async function check(folder: string): Promise<string[]> {
  copyTree(folder);
  const port = await freePort();
  const child = start(folder, port);
  let output = '';
  const ended = new Promise<void>((done) => {
    child.on('close', () => done());
  });
  const ready = new Promise<boolean>((done) => {
    const timer = setTimeout(() => done(false), START_TIMEOUT_MS);
    child.on('close', () => done(false));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
        if (/Ready on \S+/.test(output)) {
          clearTimeout(timer);
          done(true);
        }
      });
    }
  });
  try {
    return (await ready)
      ? await request(`http://localhost:${port}`)
      : [`\`npx wrangler dev\` does not start in a fresh clone:\n${output}`];
  } finally {
    await stop(child, ended);
  }
}

/**
 * Starts a bare `npx wrangler dev` on a copy of this tree that has no local secrets and no database, as
 * in a fresh clone after `npm ci`. It must serve the docs and the API.
 *
 * @returns what is wrong, a sentence each.
 */
export function checkClone(): Promise<string[]> {
  return withState(check);
}
