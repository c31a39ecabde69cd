import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEV_SCRIPT } from '../dev/local-server.ts';
import { freePort } from '../dev/ports.ts';
import { Running, start } from '../process/command.ts';
import { copyTree, withFolder } from '../process/folder.ts';

const START_TIMEOUT_MS = 120_000;
/** What `npm run dev` prints when the API answers. */
const READY = 'Stop    Ctrl-C';
/** A folder that nobody can create, not even the superuser. */
const NO_HOME = join('/dev/null', 'home');

/** A running `npm run dev` with its address. */
interface Developer {
  readonly running: Running;
  readonly origin: string;
}

async function startDev(folder: string, settings: Readonly<Record<string, string>> = {}) {
  const port = await freePort();
  const environment = { DEV_STATE: undefined, NO_COLOR: '1', PORT: String(port), ...settings };
  const running = new Running(start(process.execPath, [DEV_SCRIPT], { cwd: folder, environment }));
  return { running, origin: `http://localhost:${port}` };
}

/** Runs `npm run dev` in a folder, from when the API answers until `use` has ended. */
async function develop(
  folder: string,
  settings: Readonly<Record<string, string>>,
  use: (developer: Developer) => Promise<string[]>,
): Promise<string[]> {
  const developer = await startDev(folder, settings);
  const { running } = developer;
  try {
    const isReady = (output: string) => output.includes(READY);
    await running.untilOutput(isReady, START_TIMEOUT_MS, '`npm run dev` does not start');
    return await use(developer);
  } finally {
    running.child.kill('SIGTERM');
    await running.end;
  }
}

/** Checks that the document of a server names its own address. */
async function faultsOfDocument({ origin }: Developer): Promise<string[]> {
  const text = await (await fetch(`${origin}/openapi.json`)).text();
  return text.includes(`"url":"${origin}"`)
    ? []
    : [`The document of ${origin} does not name this address.`];
}

/** Checks whether a server counts requests against rate limits. A wrong token counts before it is refused. */
async function faultsOfLimits({ origin }: Developer, expected: boolean): Promise<string[]> {
  const headers = { authorization: 'Bearer no.such.token' };
  const response = await fetch(`${origin}/v2/system/partner`, { headers });
  await response.text();
  return response.headers.has('ratelimit-policy') === expected
    ? []
    : [`The rate limits of ${origin} are ${expected ? 'off' : 'on'}.`];
}

/** Checks what a developer sees of the start and of a request. */
async function faultsOfOutput({ running, origin }: Developer): Promise<string[]> {
  await (await fetch(`${origin}/v2/tickets/prepared-tickets`)).text();
  // The line of the request passes through two processes.
  await sleep(1_000);
  const lines = running.output.split('\n');
  const requests = lines.filter((line) => /listPreparedTickets|GET.* 401/.test(line));
  return [
    ...lines.filter((line) => /warn|error/i.test(line)).map((line) => `The start prints: ${line}`),
    ...(requests.length === 1
      ? []
      : [`\`npm run dev\` prints ${requests.length} lines for a request:\n${running.output}`]),
  ];
}

/** Checks that `npm run dev` ends with one sentence, because it cannot write to a folder. */
async function faultsOfRefusal(
  folder: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const { code, stdout, stderr } = await (await startDev(folder, settings)).running.end;
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
  const found = await develop(folder, {}, async (first) => [
    ...(await faultsOfOutput(first)),
    ...(await faultsOfLimits(first, false)),
    ...(await develop(folder, { RATE_LIMITS: 'on' }, async (second) => [
      ...(await faultsOfLimits(second, true)),
      ...(await faultsOfDocument(second)),
      ...(await faultsOfDocument(first)),
    ])),
  ]);
  return [...faults, ...found];
}

/**
 * Checks `npm run dev` in a fresh clone: what it prints, that a second one on another port, with rate limits, leaves
 * the first one as it is, and what happens if a folder cannot be written.
 */
export function checkDev(): Promise<string[]> {
  return withFolder(check);
}
