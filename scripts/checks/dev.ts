import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEV_SCRIPT, withState } from '../dev/local-server.ts';
import { freePort } from '../dev/ports.ts';
import { finished } from '../process/finished.ts';
import { copyTree } from './copied-tree.ts';

const START_TIMEOUT_MS = 120_000;
/** What `npm run dev` prints when the API answers. */
const READY = 'Stop    Ctrl-C';
/** A folder that nobody can create, not even the superuser. */
const NO_HOME = join('/dev/null', 'home');

/** A running `npm run dev`, with what it has printed so far. */
interface Developer {
  readonly child: ChildProcess;
  readonly origin: string;
  output: string;
}

function spawnDev(folder: string, port: number, settings: Readonly<Record<string, string>> = {}) {
  const { DEV_STATE: _state, ...environment } = process.env;
  return spawn(process.execPath, [DEV_SCRIPT], {
    cwd: folder,
    env: { ...environment, NO_COLOR: '1', PORT: String(port), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Starts `npm run dev` in a folder, and waits until the API answers. @throws Error with its output otherwise. */
async function develop(folder: string): Promise<Developer> {
  const port = await freePort();
  const child = spawnDev(folder, port);
  const developer: Developer = { child, origin: `http://localhost:${port}`, output: '' };
  await new Promise<void>((resolve, reject) => {
    const failed = () => {
      child.kill();
      reject(new Error(`\`npm run dev\` does not start:\n${developer.output}`));
    };
    const timer = setTimeout(failed, START_TIMEOUT_MS);
    child.on('close', failed).on('close', () => clearTimeout(timer));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        developer.output += chunk;
        if (developer.output.includes(READY)) {
          clearTimeout(timer);
          resolve();
        }
      });
    }
  });
  return developer;
}

async function stop({ child }: Developer): Promise<void> {
  const ended = new Promise((resolve) => child.on('close', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** Checks that the document of a server names its own address. */
async function faultsOfDocument({ origin }: Developer): Promise<string[]> {
  const text = await (await fetch(`${origin}/openapi.json`)).text();
  return text.includes(`"url":"${origin}"`)
    ? []
    : [`The document of ${origin} does not name this address.`];
}

/** Checks what a developer sees of the start and of a request. */
async function faultsOfOutput(developer: Developer): Promise<string[]> {
  await (await fetch(`${developer.origin}/v2/tickets/prepared-tickets`)).text();
  // The line of the request passes through two processes.
  await new Promise((done) => setTimeout(done, 1_000));
  const lines = developer.output.split('\n');
  const requests = lines.filter((line) => /listPreparedTickets|GET.* 401/.test(line));
  return [
    ...lines.filter((line) => /warn|error/i.test(line)).map((line) => `The start prints: ${line}`),
    ...(requests.length === 1
      ? []
      : [`\`npm run dev\` prints ${requests.length} lines for a request:\n${developer.output}`]),
  ];
}

/** Checks that `npm run dev` ends with one sentence, because it cannot write to a folder. */
async function faultsOfRefusal(
  folder: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const { code, stdout, stderr } = await finished(spawnDev(folder, await freePort(), settings));
  const output = `${stdout}${stderr}`.trim();
  return code === 1 && output.includes('cannot write to') && !output.includes('\n')
    ? []
    : [`\`npm run dev\` without a writable folder ends with ${code} and prints:\n${output}`];
}

async function check(folder: string): Promise<string[]> {
  copyTree(folder);
  const faults = await faultsOfRefusal(folder, { HOME: NO_HOME, XDG_CONFIG_HOME: NO_HOME });
  // A file in the place of the folder stops the superuser too.
  const state = join(folder, '.wrangler');
  rmSync(state, { recursive: true, force: true });
  writeFileSync(state, '');
  faults.push(...(await faultsOfRefusal(folder)));
  rmSync(state);
  const first = await develop(folder);
  try {
    faults.push(...(await faultsOfOutput(first)));
    const second = await develop(folder);
    try {
      faults.push(...(await faultsOfDocument(second)), ...(await faultsOfDocument(first)));
    } finally {
      await stop(second);
    }
  } finally {
    await stop(first);
  }
  return faults;
}

/**
 * Checks `npm run dev` in a fresh clone: what it prints, that a second one on another port leaves the first one as
 * it is, and what happens if a folder cannot be written.
 *
 * @returns one sentence for each fault; empty if the check passes.
 */
export function checkDev(): Promise<string[]> {
  return withState(check);
}
