import { randomUUID } from 'node:crypto';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  bodyOf,
  signedHeaders,
  TEST_EVENT,
  testEvent,
} from '../../src/resources/system/webhook-endpoints/delivery/message.ts';
import { newWebhookSecret } from '../../src/resources/system/webhook-endpoints/secrets.ts';
import { freePort } from '../dev/ports.ts';
import { Running, start } from '../process/command.ts';
import { withFolder } from '../process/folder.ts';
import { until } from '../process/until.ts';

/** The time that a program has to begin. */
const START_TIMEOUT_MS = 10_000;
const FIVE_MINUTES_MS = 300_000;

const secret = newWebhookSecret();
const older = newWebhookSecret();

/** A message with the status that a program must answer. */
interface Message {
  readonly what: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly expected: number;
}

const eventOf = (sequence: number, type = 'prepared_ticket.created') => ({
  ...{ id: randomUUID(), sequence, type, created_at: new Date().toISOString(), actor: null },
  subject: { type: 'prepared_ticket', id: String(sequence) },
});

/** Changes a body before it is sent. */
type Edit = (body: string) => string;

/** Returns a message about an event, signed by secrets at a time, with the status that is expected. */
async function messageOf(
  edit: Edit,
  what: string,
  expected: number,
  event: Parameters<typeof bodyOf>[0],
  { secrets = [secret], at = Date.now() } = {},
): Promise<Message> {
  const body = edit(bodyOf(event));
  return {
    what,
    headers: await signedHeaders({ id: event.id, at, body }, secrets),
    body,
    expected,
  };
}

/** The sequence of the event on which the work of a program fails once. */
const FAILING = 13;

/** Returns the messages that a program gets, in their order. */
async function scene(edit: Edit): Promise<Message[]> {
  const message = messageOf.bind(undefined, edit);
  const first = eventOf(11);
  const genuine = await message('a genuine message', 204, first);
  const failing = eventOf(FAILING);
  const forged = eventOf(99);
  const { 'webhook-signature': _, ...unsigned } = genuine.headers;
  return [
    genuine,
    await message('a repetition', 204, first),
    await message('two signatures', 204, eventOf(12, 'something.new'), {
      secrets: [older, secret],
    }),
    await message('a test event', 204, testEvent('1', randomUUID(), Date.now())),
    await message('another secret', 400, forged, { secrets: [older] }),
    { ...genuine, what: 'an altered body', body: genuine.body.replace('11', '99'), expected: 400 },
    {
      ...genuine,
      what: 'another id',
      headers: { ...genuine.headers, 'webhook-id': forged.id },
      expected: 400,
    },
    { ...genuine, what: 'no signature', headers: unsigned, expected: 400 },
    await message('an old message', 400, forged, { at: Date.now() - FIVE_MINUTES_MS - 2000 }),
    await message('a message of the future', 400, forged, {
      at: Date.now() + FIVE_MINUTES_MS + 2000,
    }),
    await message('an event whose work fails', 500, failing),
    await message('that event again', 204, failing),
  ];
}

/** What a program prints about the messages: a line for each event, and none for a forged or repeated one. */
const OUTPUT = `prepared_ticket.created 11
something.new 12
${TEST_EVENT} 1
prepared_ticket.created ${FAILING}
prepared_ticket.created ${FAILING}
`;

/** The programs of the guide, with their work on an event and the same that fails on one of them once. */
const programs = [
  {
    command: 'python3',
    name: 'receive_webhooks.py',
    work: /( +)print\(event.*/,
    failing: `$&\n$1if event.get("sequence") == ${FAILING} and FAILING not in known:\n$1    known.add(FAILING)\n$1    raise ValueError()`,
    begin: `FAILING = ${FAILING}\n`,
  },
  {
    command: process.execPath,
    name: 'receive_webhooks.ts',
    work: /console\.log\(event.*/,
    failing: `$&\n  if (event.sequence === ${FAILING} && !known.has('failed')) {\n    known.add('failed');\n    throw new Error();\n  }`,
    begin: '',
  },
];

type Program = (typeof programs)[number];

/** Posts a message. @returns the status, or 500 if the program closes the connection. */
async function post(port: number, { headers, body }: Message): Promise<number> {
  const init = { method: 'POST', headers, body, signal: AbortSignal.timeout(5000) };
  return fetch(`http://127.0.0.1:${port}/hook`, init).then(
    ({ status }) => status,
    () => 500,
  );
}

/** Returns whether a program answers at a port. */
const answers = (port: number) =>
  fetch(`http://127.0.0.1:${port}`).then(
    () => true,
    () => false,
  );

/** Runs a program in the scene. @returns a fault for each answer and output that is not as expected. */
async function run(
  folder: string,
  { command, name, work, failing, begin }: Program,
  edit: Edit,
): Promise<string[]> {
  const code = readFileSync(`docs/guides/${name}`, 'utf8');
  const port = await freePort();
  writeFileSync(join(folder, name), begin + code.replace(work, failing));
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  const environment = { PORT: String(port), WEBHOOK_SECRET: secret };
  const running = new Running(
    start(command, [name], { cwd: folder, environment, timeout: 60_000 }),
  );
  const faults: string[] = [];
  try {
    await until(() => running.hasEnded || answers(port), START_TIMEOUT_MS);
    const question = { method: 'OPTIONS', headers: { 'WebHook-Request-Origin': 'api.example' } };
    const { status, headers } = await fetch(`http://127.0.0.1:${port}/hook`, question);
    if (status !== 204 || headers.get('webhook-allowed-origin') !== '*') {
      faults.push(`${name} does not agree to receive webhooks.`);
    }
    for (const one of await scene(edit)) {
      const status = await post(port, one);
      if (status !== one.expected) {
        faults.push(`${name} answers ${status} to ${one.what} instead of ${one.expected}.`);
      }
    }
  } finally {
    running.child.kill();
  }
  const { stdout, stderr } = await running.end;
  return stdout === OUTPUT ? faults : [...faults, `${name} prints:\n${stdout}${stderr}`];
}

/**
 * Checks how the programs of the guide "Receive webhooks" treat forged, old and repeated messages, two
 * signatures, and work that fails.
 *
 * @param edit changes each body before it is signed.
 */
export async function checkReceivers(edit: Edit = (body) => body): Promise<string[]> {
  const runs = programs.map((program) => withFolder((folder) => run(folder, program, edit)));
  return (await Promise.all(runs)).flat();
}
