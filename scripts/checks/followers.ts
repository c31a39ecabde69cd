import { once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { run } from '../process/command.ts';
import { withFolder } from '../process/folder.ts';

/** A request that a program must send next, and how the API treats it. */
type Step = readonly [request: string, respond: (response: ServerResponse) => void];

/** Returns a function that responds. @param edit what the body passes before it is sent. */
const respondWith =
  (edit: (body: string) => string) =>
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (response: ServerResponse) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, headers).end(edit(text));
  };
type Respond = ReturnType<typeof respondWith>;
const breakOff = (response: ServerResponse) => response.destroy();

const TOKEN = 'POST /oauth2/token';
const EXPORT = 'GET /v2/tickets/prepared-ticket-export';
const TYPES =
  'prepared_ticket.created,prepared_ticket.deleted,prepared_ticket.picked_up,prepared_ticket.updated';
const events = (cursor: string) => `GET /v2/system/events?type=${TYPES}&after=${cursor}`;
const event = (sequence: number, type: string) => ({
  ...{ sequence, type, subject: { id: 'a', preparer_external_reference: `ORDER-${sequence}` } },
});

/** What happens to a program, and how it must end. */
interface Scene {
  readonly steps: (respond: Respond, origin: string) => Step[];
  readonly exitCode: number;
  readonly output: string;
  /** The cursor that is stored when the program has ended. It is `old` before. */
  readonly cursor: string;
}

/** What happens to a program whose cursor is too old and whose token has expired, on a bad day. */
const badDay: Scene['steps'] = (respond, origin) => [
  [TOKEN, respond(200, { access_token: 'expired' })],
  [events('old'), respond(401, {})],
  [TOKEN, respond(503, {}, { 'retry-after': '1' })],
  [TOKEN, respond(200, { access_token: 'new' })],
  [events('old'), respond(429, {}, { 'retry-after': '1' })],
  [events('old'), breakOff],
  [events('old'), respond(500, {})],
  [events('old'), respond(410, {})],
  [events('latest'), respond(200, { result: [], next: 'first' })],
  // Programs must not take U+2028 for the end of a line.
  [EXPORT, respond(200, '{"id":"a"}\n{"id":"\u2028"}\n', { link: `<${origin}/page>; rel="next"` })],
  ['GET /page', respond(200, '{"id":"c"}\n')],
  [
    events('first'),
    respond(200, { result: [event(7, 'prepared_ticket.created')], next: 'second' }),
  ],
  [events('second'), respond(200, { result: [event(8, 'something.new')], next: 'third' })],
  [events('third'), respond(200, { result: [], next: 'fourth' })],
];
const onABadDay: Scene = {
  steps: badDay,
  exitCode: 0,
  output: 'Read 3 tickets.\n7 prepared_ticket.created ORDER-7\n8 something.new ORDER-8\n',
  cursor: 'fourth',
};

/** The exit code of a program that ends during the work on an event. */
const ENDED_AT_WORK = 3;
const endedAtWork: Scene = {
  steps: (respond) => [
    [TOKEN, respond(200, { access_token: 'new' })],
    [events('old'), respond(200, { result: [event(7, 'prepared_ticket.created')], next: 'new' })],
  ],
  exitCode: ENDED_AT_WORK,
  output: '',
  cursor: 'old',
};

/** The programs of the guide with the commands that run them, and their work on an event. */
const programs = [
  {
    command: 'python3',
    name: 'follow_changes.py',
    work: /print\(event.*/,
    ending: `sys.exit(${ENDED_AT_WORK})`,
  },
  {
    command: process.execPath,
    name: 'follow_changes.ts',
    work: /console\.log\(event.*/,
    ending: `process.exit(${ENDED_AT_WORK});`,
  },
];

/** Runs a program in a scene. @returns a fault if it sends, prints or stores something else. */
async function play(
  folder: string,
  { command, name }: (typeof programs)[number],
  code: string,
  scene: Scene,
  respond: Respond,
): Promise<string[]> {
  const unexpected: string[] = [];
  const server = createServer((request, response) => {
    const asked = `${request.method} ${request.url}`;
    const [expected, treat] = steps.shift() ?? ['nothing', breakOff];
    if (asked !== expected) {
      unexpected.push(`It sends ${asked} instead of ${expected}.`);
    }
    treat(response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const steps = scene.steps(respond, origin);
  const cursorFile = join(folder, `${name}.cursor`);
  writeFileSync(join(folder, name), code);
  copyFileSync('docs/guides/tickets_api.py', join(folder, 'tickets_api.py'));
  writeFileSync(cursorFile, 'old');
  try {
    const environment = { API: origin, CLIENT_ID: 'c', CLIENT_SECRET: 's', API_KEY: 'k' };
    const options = { cwd: folder, environment, timeout: 60_000 };
    const { code: exitCode, stdout, stderr } = await run(command, [name, '--once'], options);
    const stored = readFileSync(cursorFile, 'utf8');
    const isRight =
      exitCode === scene.exitCode && stdout === scene.output && stored === scene.cursor;
    return isRight && unexpected.length === 0 && steps.length === 0
      ? []
      : [
          `${name} ended with ${exitCode}, stored ${stored}, and left ${steps.length} steps.`,
          ...unexpected,
          stdout + stderr,
        ];
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/**
 * Checks how the programs of the guide "Follow changes" treat an expired token and cursor, rate limits, faults
 * and broken connections, and that they store no cursor before the work on its events is done. A server that
 * follows a script takes the place of the API.
 *
 * @param edit what each body passes before it is sent.
 */
export async function checkFollowers(edit = (body: string) => body): Promise<string[]> {
  const respond = respondWith(edit);
  const faults = await Promise.all(
    programs.flatMap((program) => {
      const code = readFileSync(`docs/guides/${program.name}`, 'utf8');
      const ending = code.replace(program.work, program.ending);
      return [
        withFolder((folder) => play(folder, program, code, onABadDay, respond)),
        withFolder((folder) => play(folder, program, ending, endedAtWork, respond)),
      ];
    }),
  );
  return faults.flat();
}
