import { beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../../../../src/app.ts';
import { ORIGIN, TestApi, TICKETS } from '../../../support/api.ts';
import { stillWorld } from '../../../support/dependencies.ts';
import { expectDocumented } from '../../../support/document.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import { workerEnv } from '../../../support/homes.ts';
import {
  createTicket,
  expectViolations,
  linesPath,
  newTicket,
  PRODUCT,
  storedRows,
  ticketPath,
  ticketUpdate,
} from '../../../support/tickets.ts';

const LIMIT = 64 * 1024;

const shared = new TestApi();

beforeEach(() => makePartnerOf(shared));

/** The three operations that take a body, each with a valid one. */
const operations = [
  { name: 'POST prepared-tickets', method: 'POST', path: () => TICKETS, body: newTicket },
  { name: 'PUT prepared-tickets', method: 'PUT', path: ticketPath, body: ticketUpdate },
  {
    name: 'PUT product-lines',
    method: 'PUT',
    path: (id: string) => linesPath(id, PRODUCT),
    body: { quantity: 3 },
  },
];

interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  violations?: unknown;
}

async function expectProblem(response: Response, expected: Partial<ProblemBody>) {
  expect(response.status).toBe(expected.status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = await response.clone().json<ProblemBody & { request_id: string }>();
  expect(problem).toEqual({
    type: 'about:blank',
    title: expect.any(String),
    detail: expect.stringMatching(/(?:Send|Encode) .+\.$/),
    request_id: response.headers.get('x-request-id'),
    ...expected,
  });
}

/** Sends a request that TestApi cannot make: without a content type, or as a stream. */
async function sendRaw(
  method: string,
  path: string,
  body: BodyInit,
  headers: Record<string, string> = {},
): Promise<Response> {
  const app = createApp(stillWorld);
  const request = new Request(new URL(path, ORIGIN), {
    method,
    body,
    headers: { ...(await partner.headers(api)), ...headers },
  });
  const seen = new Request(request.url, { method });
  const response = await app.fetch(request, workerEnv());
  await expectDocumented(seen, response);
  return response;
}

/** A body in chunks, whose length no header tells. */
function chunked(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let sent = 0;
  // The runtime makes the bodies of requests streams of bytes too.
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      if (sent >= bytes.length) {
        controller.close();
        // This answers the read that waits for bytes.
        controller.byobRequest?.respond(0);
        return;
      }
      controller.enqueue(bytes.slice(sent, sent + 10_000));
      sent += 10_000;
    },
  });
}

describe.each(operations)('$name', ({ method, path, body }) => {
  const valid = JSON.stringify(body);

  /** Sends to a ticket that exists and expects that nothing in the database changes. */
  async function refused(send: (target: string) => Promise<Response>): Promise<Response> {
    const { id } = await createTicket(api, partner, { vehicle_model_id: 99 });
    const before = await storedRows();
    const response = await send(path(id));
    expect(await storedRows()).toEqual(before);
    return response;
  }

  async function accepted(send: (target: string) => Promise<Response>): Promise<void> {
    const { id } = await createTicket(api, partner);
    expect([200, 201]).toContain((await send(path(id))).status);
  }

  const send = (content: unknown, headers?: Record<string, string>) => (target: string) =>
    api.request(method, target, { as: partner, body: content, headers });

  test.each([
    ['empty', '', 'is empty'],
    ['cut off', valid.slice(0, -1), 'is not JSON'],
    ['two values', `${valid}${valid}`, 'is not JSON'],
    ['with a trailing comma', `${valid.slice(0, -1)},}`, 'is not JSON'],
    ['with a comment', `${valid}//`, 'is not JSON'],
    ['a form', 'vin=JH4KA7630PC007649', 'is not JSON'],
    ['NaN', '{"quantity":NaN}', 'is not JSON'],
    ['with a bare NUL', valid.replace('{', '{\0'), 'is not JSON'],
    ['only white space', ' \n', 'is not JSON'],
    ['not UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'is not UTF-8'],
    ['UTF-8 of a surrogate', new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]), 'is not UTF-8'],
    ['an overlong form', new Uint8Array([0x22, 0xc0, 0x80, 0x22]), 'is not UTF-8'],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x7b, 0, 0x7d, 0]), 'is not UTF-8'],
    ['nested 30,000 deep and cut off', '['.repeat(30_000), 'is not JSON'],
    ['nested 13,000 deep in objects and cut off', '{"a":'.repeat(13_000), 'is not JSON'],
  ])(
    'returns 400 /problems/malformed-body for a body that is %s',
    async (_what, content, fault) => {
      await expectProblem(await refused(send(content)), {
        type: '/problems/malformed-body',
        title: 'Malformed body',
        status: 400,
        detail: expect.stringMatching(new RegExp(`^The body ${fault}\\. (?:Send|Encode) .+\\.$`)),
      });
    },
  );

  test.each([
    ['an empty array', '[]'],
    ['an array of one object', `[${valid}]`],
    ['null', 'null'],
    ['a string', '"x"'],
    ['a number', '1'],
    ['a boolean', 'true'],
    ['arrays nested 30,000 deep', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
  ])('returns 400 /problems/violations for JSON that is %s', async (_what, content) => {
    await expectViolations(await refused(send(content)), ['body # invalid_type']);
  });

  test('returns 400 /problems/violations for a member that is nested 30,000 levels deep', async () => {
    const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
    const response = await refused(send(`${valid.slice(0, -1)},"x":${deep}}`));
    await expectViolations(response, ['body #/x unknown_member']);
  });

  test('accepts a byte order mark before the JSON', () => accepted(send(`\ufeff${valid}`)));

  test('accepts white space around the JSON, up to 65,536 bytes in total', () =>
    accepted(send(valid.padEnd(LIMIT))));

  test('returns 413 for a body over 64 KiB', async () => {
    await expectProblem(await refused(send(valid.padEnd(LIMIT + 1))), {
      title: 'Content Too Large',
      status: 413,
    });
  });

  test('returns 413 for a body over 64 KiB in bytes but not in characters', async () => {
    const content = `{"x":"${'é'.repeat(LIMIT / 2)}"}`;
    await expectProblem(await refused(send(content)), { status: 413 });
  });

  test('returns 413 for a Content-Length over 64 KiB', async () => {
    const headers = { 'content-length': String(LIMIT + 1) };
    const response = await refused(send(valid.padEnd(LIMIT + 1), headers));
    await expectProblem(response, { status: 413 });
  });

  test('returns 413 for chunks of more than 64 KiB in total', async () => {
    const json = { 'content-type': 'application/json' };
    const stream = (text: string) => (target: string) =>
      sendRaw(method, target, chunked(text), json);
    await expectProblem(await refused(stream(valid.padEnd(LIMIT + 1))), { status: 413 });
    await accepted(stream(valid.padEnd(LIMIT)));
  });

  const unsupported = { title: 'Unsupported Media Type', status: 415 };

  test.each(['gzip', 'br', 'x', 'identity, gzip', 'GZIP', 'gzip,'])(
    'returns 415 with Accept-Encoding for the content coding %j',
    async (coding) => {
      const response = await refused(send(valid, { 'content-encoding': coding }));
      expect(response.headers.get('accept-encoding')).toBe('identity');
      await expectProblem(response, unsupported);
    },
  );

  test.each(['identity', 'IDENTITY', '', 'identity, identity'])(
    'accepts the content coding %j',
    (coding) => accepted(send(valid, { 'content-encoding': coding })),
  );

  test('returns 415 without Accept-Encoding for another content type', async () => {
    const response = await refused(send(valid, { 'content-type': 'text/plain' }));
    expect(response.headers.has('accept-encoding')).toBe(false);
  });

  test('returns 415 without a content type', async () => {
    const bytes = new TextEncoder().encode(valid);
    const response = await refused((target) => sendRaw(method, target, bytes));
    await expectProblem(response, unsupported);
  });

  test.each([
    [''],
    ['text/plain'],
    ['text/plain;charset=UTF-8'],
    ['application/x-www-form-urlencoded'],
    ['application/problem+json'],
    ['application/jsonp'],
    ['application/json, text/plain'],
    ['text/application/json'],
    ['application/json; charset=latin1'],
    ['application/json; charset="utf-16"'],
    ['application/json; profile=x; charset=iso-8859-1'],
  ])('returns 415 for the content type %j', async (type) => {
    await expectProblem(await refused(send(valid, { 'content-type': type })), unsupported);
  });

  test.each([
    ['application/json'],
    ['APPLICATION/JSON'],
    ['application/json; charset=utf-8'],
    ['application/json; profile="charset=x"'],
    ['application/json;charset="UTF-8"'],
    ['application/json ; charset=utf-8'],
    ['application/json;'],
    ['application/json; profile="a;b"'],
  ])('accepts the content type %j', (type) => accepted(send(valid, { 'content-type': type })));
});
