import { copyFileSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { freePort } from '../dev/ports.ts';
import { OWN_GROUP, Running, run, start } from '../process/command.ts';
import { copyTree, withFolder } from '../process/folder.ts';

/** The longest time that the first start may take, which creates keys and applies every migration. */
const START_TIMEOUT_MS = 60_000;

/** The most lines that `npm ci` may print, so that its result is not buried. */
const MAX_INSTALL_LINES = 15;

/** The expected responses: the path, the status, and a part of the body. */
const expected: readonly (readonly [path: string, status: number, part: string])[] = [
  ['/docs', 200, '<h1 id="prepared-tickets-api"'],
  ['/docs/reference/createPreparedTicket', 200, 'Try it'],
  ['/openapi.json', 200, '"url":"http://localhost:8787"'],
  ['/openapi.yaml', 200, 'openapi: 3.1.0'],
  ['/v2/tickets/prepared-tickets', 401, '"type":"/problems/credentials-missing"'],
  ['/health/ready', 200, '"status"'],
];

/** Sends the requests that `expected` lists. */
async function request(origin: string): Promise<string[]> {
  const faults: string[] = [];
  for (const [path, status, part] of expected) {
    const response = await fetch(origin + path);
    const body = await response.text();
    if (response.status !== status || !body.includes(part)) {
      faults.push(`${path} returns ${response.status} instead of ${status} with ${part}.`);
    }
  }
  return faults;
}

/** Runs `npm ci` on the Node.js of this machine, without installing anything. @returns a sentence if it prints much. */
async function installFaults(folder: string): Promise<string[]> {
  mkdirSync(folder);
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
    copyFileSync(file, join(folder, file));
  }
  // `npm run` puts the Node.js of this project first, which every package supports.
  const path = (process.env.PATH ?? '').split(delimiter);
  const PATH = path.filter((entry) => !entry.includes('node_modules')).join(delimiter);
  const install = ['ci', '--dry-run', '--prefer-offline', '--no-audit'];
  const { code, stdout, stderr } = await run('npm', install, {
    cwd: folder,
    environment: { npm_config_loglevel: undefined, PATH },
    shell: process.platform === 'win32',
  });
  // A dry run also lists the packages.
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => line && !/^add /.test(line));
  return code === 0 && lines.length < MAX_INSTALL_LINES
    ? []
    : [`npm ci ends with ${code} and prints ${lines.length} lines:\n${lines.join('\n')}`];
}

async function check(folder: string): Promise<string[]> {
  const faults = await installFaults(join(folder, 'installation'));
  return [...faults, ...(await serverFaults(join(folder, 'clone')))];
}

/** Starts `wrangler dev` like a developer, and sends the requests to it. */
async function serverFaults(folder: string): Promise<string[]> {
  mkdirSync(folder);
  copyTree(folder);
  const port = await freePort();
  const wrangler = join('node_modules', 'wrangler', 'bin', 'wrangler.js');
  const settings = { CI: 'true', CLOUDFLARE_CF_FETCH_ENABLED: 'false' };
  const server = new Running(
    start(process.execPath, [wrangler, 'dev', '--port', String(port)], {
      cwd: folder,
      environment: { ...settings, PORT: undefined, DEV_STATE: undefined },
      ...OWN_GROUP,
    }),
  );
  try {
    const fault = '`npx wrangler dev` does not start in a fresh clone';
    await server.untilOutput((output) => /Ready on \S+/.test(output), START_TIMEOUT_MS, fault);
    return await request(`http://localhost:${port}`);
  } finally {
    await server.kill();
  }
}

/**
 * Checks that `npm ci` prints little, and that `npx wrangler dev` serves the docs and the API in a fresh clone after `npm ci`. It runs in a
 * copy of this tree that has no local secrets and no database.
 */
export function checkClone(): Promise<string[]> {
  return withFolder(check);
}
