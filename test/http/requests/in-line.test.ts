import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { LogLine } from '../../../src/context.ts';
import { BATCHES, ORIGIN, START, TestApi, TICKETS } from '../../support/api.ts';
import { sendBatch, storedReferences } from '../../support/batches.ts';
import { WatchedD1 } from '../../support/d1.ts';
import { api, makePartnerOf, partner, useApi } from '../../support/each-test.ts';
import { endpointPath } from '../../support/endpoints.ts';
import { EXPORT, writeTickets } from '../../support/exports.ts';
import { captureLog } from '../../support/faults.ts';
import { makePartner } from '../../support/partners.ts';
import { SlowD1 } from '../../support/slow-d1.ts';
import { createTicket, newTicket, ticketPath } from '../../support/tickets.ts';
import { writeEndpoint } from '../../support/webhooks.ts';

/** A partner's D1 calls for lists, exports and batches run two at a time, and in order. */

let d1: SlowD1;

beforeEach(async () => {
  d1 = new SlowD1();
  await makePartnerOf(new TestApi({ DB: d1.db }));
  // From now on, the credentials cost no D1 call.
  await api.get(`${TICKETS}?limit=0`, partner);
});

const list = (limit: number, as = partner) => api.get(`${TICKETS}?limit=${limit}`, as);

/** The rest of the path of the first `n` responses, in the order in which they came. */
function inOrderOf(responses: readonly Promise<Response>[]): number[] {
  const order: number[] = [];
  for (const [index, response] of responses.entries()) {
    response.then(() => order.push(index));
  }
  return order;
}

test('two lists run at a time, and the others follow in order', async () => {
  d1.hold();
  const responses = [1, 2, 3, 4, 5].map((limit) => list(limit));
  const order = inOrderOf(responses);
  await vi.waitFor(() => expect(d1.held).toBe(2));
  for (let done = 1; done <= 5; done++) {
    await d1.releaseFirst();
    await vi.waitFor(() => expect(order).toHaveLength(done));
    expect(d1.held).toBe(Math.min(2, 5 - done));
  }
  expect(order).toEqual([0, 1, 2, 3, 4]);
  const statuses = (await Promise.all(responses)).map(({ status }) => status);
  expect(statuses).toEqual([200, 200, 200, 200, 200]);
});

test('lists, batches and exports stand in one line', async () => {
  await writeTickets(partner, 3);
  d1.hold();
  const responses = [
    list(1),
    sendBatch(api, partner, [newTicket]),
    api.get(EXPORT, partner),
    api.get('/v2/tickets/tickets', partner),
  ];
  await vi.waitFor(() => expect(d1.held).toBe(2));
  d1.letAll();
  const statuses = (await Promise.all(responses)).map(({ status }) => status);
  expect(statuses).toEqual([200, 201, 200, 200]);
  expect(d1.most).toBe(2);
});

describe('beside lists that occupy both places', () => {
  /** The lists that were answered. The third one waits, unless the deadline of the others has passed. */
  let answered: number[];

  beforeEach(async () => {
    d1.hold();
    answered = inOrderOf([1, 2, 3].map((limit) => list(limit)));
    await vi.waitFor(() => expect(d1.held).toBe(2));
    d1.passOthers();
  });

  test('requests for a single ticket do not wait', async () => {
    const ticket = await createTicket(api, partner);
    expect((await api.get(ticketPath(ticket.id), partner)).status).toBe(200);
    expect((await api.delete(ticketPath(ticket.id), partner)).status).toBe(204);
    expect(answered).toEqual([]);
    d1.letAll();
  });

  test('test events do not wait, although they have a rate limit of their own', async () => {
    api.fetch = async () => new Response(null, { status: 204 });
    const endpoint = await writeEndpoint(partner);
    const response = await api.post(endpointPath(endpoint, '/test-deliveries'), partner, undefined);
    expect(response.status).toBe(202);
    expect(answered).toEqual([]);
    d1.letAll();
  });

  test('look-ups of credentials do not wait', async () => {
    api.now += 60_000;
    expect((await api.get(ticketPath(crypto.randomUUID()), partner)).status).toBe(404);
    expect(answered).toEqual([]);
    d1.letAll();
  });

  test('lists of another partner do not wait', async () => {
    expect((await list(1, await makePartner())).status).toBe(200);
    expect(answered).toEqual([]);
    d1.letAll();
  });
});

test('lists that take long in the database make the next ones of their partner wait, and of no other', async () => {
  const slow = new WatchedD1();
  useApi(new TestApi({ DB: slow.db }));
  const other = await makePartner();
  await Promise.all([list(1), list(1, other)]);
  // Two statements, which together take 0.15 s: 0.1 s more than a list may take without a rest of nine times that.
  const meta = { rows_read: 1, rows_written: 0, duration: 75, size_after: 1 };
  slow.results = [
    { results: [], meta },
    { results: [{ total: 0 }], meta },
  ];
  await Promise.all([list(1), list(1)]);
  const begunAt = Date.now();
  const order = inOrderOf([list(1), list(1, other)]);
  await vi.waitFor(() => expect(order).toEqual([1, 0]), 4_000);
  // The rest lasts 0.9 s, and began a moment before.
  expect(Date.now() - begunAt).toBeGreaterThan(700);
});

test('batches that take long in the database make nothing wait, because their weight is limited', async () => {
  const slow = new WatchedD1();
  useApi(new TestApi({ DB: slow.db }));
  await list(1);
  const meta = { rows_read: 1, rows_written: 0, duration: 500, size_after: 1 };
  const confirmed = { scopes: null, tokens_from: null, valid_until: 0 };
  const gate = { ...confirmed, api_key_last_used_at: START, client_last_used_at: START };
  slow.results = [{ results: [gate], meta }, ...Array(20).fill({ results: [], meta })];
  const batches = [sendBatch(api, partner, [newTicket]), sendBatch(api, partner, [newTicket])];
  // Without a row, the quota refused it.
  expect((await Promise.all(batches)).map(({ status }) => status)).toEqual([409, 409]);
  const order = inOrderOf([list(1)]);
  await vi.waitFor(() => expect(order).toEqual([0]), 500);
});

describe('at its deadline, a request that still waits', () => {
  /** Runs a request behind two lists until its deadline, and returns the log lines that it causes. */
  async function linesOf(send: () => Promise<unknown>): Promise<LogLine[]> {
    d1.hold();
    const held = [list(1), list(2)];
    await vi.waitFor(() => expect(d1.held).toBe(2));
    captureLog();
    api.log.length = 0;
    vi.useFakeTimers();
    const waiting = send();
    await vi.advanceTimersByTimeAsync(10_000);
    await waiting;
    vi.useRealTimers();
    const lines = [...api.log];
    d1.letAll();
    await Promise.all(held);
    return lines;
  }

  test('is 503, which its log line calls queued, and no fault', async () => {
    const lines = await linesOf(async () => expect((await list(3)).status).toBe(503));
    expect(lines).toMatchObject([{ event: 'request', status: 503, queued: true }]);
  });

  test('ends an export, whose log line says the same', async () => {
    await writeTickets(partner, 2500, 0);
    const { body } = await api.open(EXPORT, partner);
    const lines = await linesOf(() => expect(new Response(body).text()).rejects.toThrow());
    expect(lines).toMatchObject([{ event: 'export', outcome: 'failed', queued: true }]);
  });
});

test('a list that the database does not answer is 503 at its deadline, and a fault', async () => {
  captureLog();
  api.log.length = 0;
  d1.hold();
  vi.useFakeTimers();
  const unanswered = list(1);
  await vi.waitFor(() => expect(d1.held).toBe(1));
  await vi.advanceTimersByTimeAsync(10_000);
  expect((await unanswered).status).toBe(503);
  vi.useRealTimers();
  const [fault, request] = api.log;
  expect(fault).toMatchObject({ event: 'fault', error: 'DatabaseUnavailable' });
  expect(request).toMatchObject({ event: 'request', status: 503 });
  expect(request).not.toHaveProperty('queued');
  d1.letAll();
});

test('the places of lists whose requests ended are free again after their deadline', async () => {
  d1.hold();
  vi.useFakeTimers();
  // Nothing of these two requests continues, as if the runtime had ended them: not even their timers.
  vi.stubGlobal('setTimeout', () => 0);
  list(1);
  list(2);
  await vi.waitFor(() => expect(d1.held).toBe(2));
  vi.unstubAllGlobals();
  d1.passOthers();
  vi.setSystemTime(Date.now() + 8_000);
  const waiting = list(3);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(d1.passed).toBe(0);
  await vi.advanceTimersByTimeAsync(500);
  expect((await waiting).status).toBe(200);
  expect([d1.passed, d1.held]).toEqual([1, 2]);
});

/** Sends a batch whose body is complete when `complete` is called. */
async function sendSlowBatch(reference: string) {
  const ticket = { ...newTicket, preparer_external_reference: reference };
  const bytes = new TextEncoder().encode(JSON.stringify({ prepared_tickets: [ticket] }));
  const body = new TransformStream<Uint8Array, Uint8Array>();
  const request = new Request(new URL(BATCHES, ORIGIN), {
    method: 'POST',
    headers: {
      ...(await partner.headers(api)),
      'content-type': 'application/json',
      'content-length': String(bytes.byteLength),
    },
    body: body.readable,
  });
  const response = api.respond(request);
  const writer = body.writable.getWriter();
  const complete = async () => {
    await writer.write(bytes);
    await writer.close();
  };
  return { response, complete };
}

test('batches whose bodies take longer than a call of the database may stand in line, and are written', async () => {
  captureLog();
  const references = ['A', 'B', 'C', 'D'];
  d1.hold();
  vi.useFakeTimers({ toFake: ['Date'] });
  const batches = await Promise.all(references.map(sendSlowBatch));
  vi.setSystemTime(Date.now() + 10_001);
  await Promise.all(batches.map(({ complete }) => complete()));
  await vi.waitFor(() => expect(d1.held).toBe(2));
  d1.letAll();
  const responses = await Promise.all(batches.map(({ response }) => response));
  expect(responses.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  vi.useRealTimers();
  expect(d1.most).toBe(2);
  expect((await storedReferences()).sort()).toEqual(references);
});

test('an export takes a place for each D1 call, and none while its reader does not read', async () => {
  await writeTickets(partner, 2500, 0);
  const bodies = [];
  for (let i = 0; i < 3; i++) {
    const { body } = await api.open(EXPORT, partner);
    bodies.push((body as ReadableStream<Uint8Array>).getReader());
  }
  for (const body of bodies) {
    expect((await body.read()).done).toBe(false);
  }
  expect((await list(1)).status).toBe(200);
  d1.hold();
  const reads = bodies.map((body) => body.read());
  await vi.waitFor(() => expect(d1.held).toBe(2));
  d1.letAll();
  await Promise.all(reads);
  expect(d1.most).toBe(2);
});

test('a fault of the database gives the place back', async () => {
  captureLog();
  d1.fail(4);
  expect((await Promise.all([1, 2, 3, 4].map((n) => list(n)))).map(({ status }) => status)).toEqual(
    [503, 503, 503, 503],
  );
  expect((await list(1)).status).toBe(200);
});
