import { setTimeout as sleep } from 'node:timers/promises';
import { type DemoAccess, demoAccess } from '../dev/demo-access.ts';
import type { LocalServer } from '../dev/local-server.ts';
import { freePort } from '../dev/ports.ts';
import { Running, start } from '../process/command.ts';
import { checkFollowers } from './followers.ts';
import { checkNights } from './guide-nights.ts';
import { createTicket } from './webhooks/load.ts';

/** The time that `--follow` has to begin, and to print a new event. */
const WAIT_MS = 10_000;
const STEP_MS = 200;
/** Matches the line of a new ticket: time, sequence, type, subject and actor. */
const LINE =
  /^\d{4}-\d\d-\d\dT\S+Z +\d+ {2}prepared_ticket\.created +[0-9a-f]{8} {2}ticket \d+ {2}"[^"]*" {2}version 1 {2}by client [0-9a-f]{8}\n$/;

/** Starts `npm run events`. */
function startEvents(args: readonly string[], environment: Readonly<Record<string, string>>) {
  const options = { environment, timeout: 60_000 };
  return new Running(start(process.execPath, ['scripts/dev/events.ts', ...args], options));
}

/** Returns a fault if a command prints a secret of the demo partner. */
export function secretFaults(command: string, output: string, { variables }: DemoAccess): string[] {
  const secrets = [variables.CLIENT_SECRET, variables.API_KEY, variables.TOKEN];
  return secrets.some((secret) => output.includes(secret)) ? [`${command} prints a secret.`] : [];
}

/** Checks that `--follow` prints one line for each new ticket, and ends quietly with Ctrl-C. */
async function checkFollowing({ environment }: LocalServer, access: DemoAccess): Promise<string[]> {
  const following = startEvents(['--follow', '--after', 'latest'], environment);
  // It has begun when it prints one of these tickets. Another check can create tickets of the same partner meanwhile.
  const own: string[] = [];
  const linesOf = (id: string) => following.stdout.split(`  ${id.slice(0, 8)}  `).length - 1;
  for (const until = Date.now() + WAIT_MS; !own.some(linesOf) && Date.now() < until; ) {
    own.push((await createTicket(access)).id);
    await sleep(WAIT_MS / 5);
  }
  await sleep(STEP_MS);
  following.child.kill('SIGINT');
  const { code, stdout, stderr } = await following.end;
  const lines = stdout.split(/(?<=\n)/);
  const isRight =
    code === 0 &&
    stderr === '' &&
    own.some(linesOf) &&
    own.every((id) => linesOf(id) <= 1) &&
    lines.every((line) => LINE.test(line));
  return isRight ? [] : [`npm run events -- --follow ended with ${code}:\n${stdout}${stderr}`];
}

/** Checks that the command without `--follow` prints every kept event and ends. */
async function checkListing({ environment }: LocalServer, access: DemoAccess) {
  const { code, stdout, stderr } = await startEvents([], environment).end;
  const sequences = stdout.split('\n').flatMap((line) => line.match(/(?<=Z +)\d+/) ?? []);
  const isRight =
    code === 0 && sequences.length > 0 && sequences.every((text, i) => Number(text) === i + 1);
  const faults = isRight ? [] : [`npm run events ended with ${code}:\n${stdout}${stderr}`];
  return [...faults, ...secretFaults('npm run events', stdout + stderr, access)];
}

/** Checks the message if nothing responds. */
async function checkWithoutServer({ environment }: LocalServer): Promise<string[]> {
  const port = String(await freePort());
  const { code, stderr } = await startEvents(['--follow'], { ...environment, PORT: port }).end;
  return code === 1 && stderr.startsWith(`The API does not respond at http://localhost:${port}.`)
    ? []
    : [`npm run events without a server ended with ${code}:\n${stderr}`];
}

/** Checks `npm run events`, and the programs of the guides "Follow changes" and "Sync your ERP", which mostly wait. */
export async function checkEvents(server: LocalServer): Promise<string[]> {
  const access = await demoAccess(server);
  return [
    ...(await checkFollowing(server, access)),
    ...(await checkListing(server, access)),
    ...(await checkWithoutServer(server)),
    ...(await Promise.all([checkFollowers(), checkNights(server)])).flat(),
  ];
}
