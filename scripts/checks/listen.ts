import { setTimeout as sleep } from 'node:timers/promises';
import { type DemoAccess, demoAccess } from '../dev/demo-access.ts';
import type { LocalServer } from '../dev/local-server.ts';
import { freePort } from '../dev/ports.ts';
import { Running, start } from '../process/command.ts';
import { until } from '../process/until.ts';
import { secretFaults } from './events.ts';
import { checkReceivers } from './guide-receivers.ts';
import { createTicket } from './webhooks/load.ts';
import { Receiver, withReceivers } from './webhooks/receiver.ts';
import { orderFaults, signatureFaults } from './webhooks/verdict.ts';

/** The tickets of which the receiver must learn. */
const TICKETS = 3;
/** The time that each step may take. */
const WAIT_MS = 15_000;
/** Matches the line of an attempt: time, type, `webhook-id`, status and duration. */
const LINE =
  /^\d{4}-\d\d-\d\dT\S+Z {2}prepared_ticket\.created +[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12} {2}(?:503|204) +\d+ ms$/;

function startListening(args: readonly string[], environment: LocalServer['environment']) {
  const options = { environment, timeout: 60_000 };
  return new Running(start(process.execPath, ['scripts/dev/webhooks-listen.ts', ...args], options));
}

/** Checks that a receiver gets signed events in their order, also those that it refuses at first. */
async function checkForwarding(
  { environment }: LocalServer,
  access: DemoAccess,
  receiver: Receiver,
): Promise<string[]> {
  const listening = startListening(['other', '--forward-to', receiver.url], environment);
  await until(() => listening.stdout.includes('Stop with Ctrl-C'), WAIT_MS);
  receiver.secrets.push(/whsec_\S+/.exec(listening.stdout)?.[0] ?? '');
  const ids: string[] = [];
  for (let i = 0; i < TICKETS; i++) {
    ids.push((await createTicket(access)).id);
  }
  await until(() => receiver.receipts.length > TICKETS, WAIT_MS);
  await sleep(200);
  listening.child.kill('SIGINT');
  const { code, stdout, stderr } = await listening.end;
  const subjects = receiver.receipts.map(({ subject }) => subject.id);
  const [first, second, ...others] = ids;
  const lines = stdout.trimEnd().split('\n').slice(2);
  const isRight =
    code === 0 &&
    stderr === '' &&
    String(receiver.questions) === 'localhost' &&
    String(subjects) === String([first, second, second, ...others]) &&
    lines.length === subjects.length &&
    lines.every((line) => LINE.test(line));
  const faults = [...orderFaults(receiver, []), ...signatureFaults(receiver)];
  if (!isRight) {
    faults.push(`webhooks:listen ended with ${code} after ${subjects}:\n${stdout}${stderr}`);
  }
  return [...faults, ...secretFaults('webhooks:listen', stdout + stderr, access)];
}

/** Checks what a receiver gets that does not agree, and what the developer reads. */
async function checkRefusal({ environment }: LocalServer, receiver: Receiver): Promise<string[]> {
  receiver.consent = {};
  const args = ['--forward-to', receiver.url];
  const refused = await startListening(args, environment).end;
  const skipping = startListening([...args, '--no-consent'], environment);
  await until(() => skipping.hasEnded || skipping.stdout !== '', WAIT_MS);
  skipping.child.kill('SIGINT');
  const { stdout, stderr } = await skipping.end;
  const isRight =
    refused.code === 1 &&
    refused.stdout === '' &&
    refused.stderr.includes('The answer was 204 without WebHook-Allowed-Origin.') &&
    String(receiver.questions) === 'localhost';
  return [
    ...(isRight && receiver.receipts.length === 0
      ? []
      : [`webhooks:listen for a receiver that does not agree: ${refused.code}\n${refused.stderr}`]),
    ...(stdout !== '' ? [] : [`webhooks:listen --no-consent does not begin:\n${stderr}`]),
    ...receiver.strays,
  ];
}

/** The calls that the command refuses, with the beginning of its message. */
const REFUSED: readonly (readonly [args: readonly string[], message: string])[] = [
  [[], "error: required option '--forward-to <url>' not specified"],
  [['--forward-to', 'localhost:3000'], "error: option '--forward-to <url>' argument"],
  [
    ['--forward-to', 'http://localhost:1', '--secret', 'secret'],
    "error: option '--secret <secret>'",
  ],
  [['--forward-to', 'http://localhost:1', '--type', 'none'], "error: option '--type <type>'"],
  [['--forward-to', 'http://localhost:1'], 'http://localhost:1 was asked with OPTIONS'],
  [['--forward-to', 'http://127.0.0.1:1'], 'The API does not post to this URL'],
];

/** Checks the messages about wrong use, and the one if no server responds. */
async function checkMessages({ environment }: LocalServer): Promise<string[]> {
  const port = String(await freePort());
  const calls = [
    ...REFUSED.map(([args, message]) => ({ args, message, environment })),
    {
      args: ['--forward-to', 'http://localhost:1'],
      message: `The API does not respond at http://localhost:${port}.`,
      environment: { ...environment, PORT: port },
    },
  ];
  const faults = await Promise.all(
    calls.map(async ({ args, message, environment }) => {
      const { code, stdout, stderr } = await startListening(args, environment).end;
      return code === 1 && stdout === '' && stderr.startsWith(message)
        ? []
        : [`webhooks:listen ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`];
    }),
  );
  return faults.flat();
}

/**
 * Checks `npm run webhooks:listen` with a receiver that verifies each message, and the programs of the guide
 * "Receive webhooks".
 */
export async function checkListen(server: LocalServer): Promise<string[]> {
  const access = await demoAccess(server, 'other');
  // The first attempt of the second event fails.
  const listening = new Receiver('listen', ({ receipts }) =>
    receipts.length === 2 ? { status: 503 } : { status: 204 },
  );
  const refusing = new Receiver('refusing', () => ({ status: 204 }));
  return withReceivers([listening, refusing], async () => [
    ...(await checkForwarding(server, access, listening)),
    ...(await checkRefusal(server, refusing)),
    ...(await checkMessages(server)),
    ...(await checkReceivers()),
  ]);
}
