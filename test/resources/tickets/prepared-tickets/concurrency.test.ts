import { beforeEach, describe, expect, test } from 'vitest';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import { expectExactCounts } from '../../../support/naive-list.ts';
import {
  createTicket,
  linesPath,
  PRODUCT,
  type Ticket,
  ticketPath,
  ticketUpdate,
  writeLine,
} from '../../../support/tickets.ts';

let ticket: Ticket;
/** Credentials that are used by every request of a crowd. */
let headers: Record<string, string>;

beforeEach(async () => {
  await makeApiAndPartner();
  ticket = await createTicket(api, partner);
  await writeLine(ticket.id, PRODUCT);
  headers = await partner.headers(api);
});

interface Call {
  readonly method: 'PUT' | 'DELETE';
  readonly path: string;
  readonly tag?: string;
  readonly body?: unknown;
}

/** Sends all at the same time. Gives how often each status was answered, and the answers of 2xx. */
async function crowd(calls: readonly Call[]) {
  const responses = await Promise.all(
    calls.map(({ method, path, tag, body }) =>
      api.request(method, path, { body, headers: { ...headers, ...(tag && { 'if-match': tag }) } }),
    ),
  );
  const statuses: Record<number, number> = {};
  for (const { status } of responses) {
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
  await expectExactCounts();
  return { statuses, winners: responses.filter(({ ok }) => ok) };
}

const times = <T>(count: number, make: (i: number) => T) =>
  Array.from({ length: count }, (_, i) => make(i));

describe('exactly one of many concurrent writers with the same entity tag succeeds', () => {
  test('for 200 PUTs of a ticket', async () => {
    const path = ticketPath(ticket.id);
    const { statuses, winners } = await crowd(
      times(200, (i) => ({
        method: 'PUT',
        path,
        tag: '"1-1"',
        body: { ...ticketUpdate, vin: i % 2 ? null : ticket.vin, vehicle_model_id: i + 1 },
      })),
    );
    expect(statuses).toEqual({ 200: 1, 412: 199 });
    const won = winners[0] as Response;
    const now = await api.get(path, partner);
    expect(now.headers.get('etag')).toBe(won.headers.get('etag'));
    expect(await now.json()).toEqual(await won.json());
  });

  test('for 200 PUTs of a product line', async () => {
    const path = linesPath(ticket.id, PRODUCT);
    const { statuses, winners } = await crowd(
      times(200, (i) => ({ method: 'PUT', path, tag: '"1-1"', body: { quantity: i + 2 } })),
    );
    expect(statuses).toEqual({ 200: 1, 412: 199 });
    const now = await api.get(path, partner);
    expect(now.headers.get('etag')).toBe('"1-5"');
    expect(await now.json()).toEqual(await (winners[0] as Response).json());
  });

  test('for 100 PUTs and 100 DELETEs of a ticket', async () => {
    const path = ticketPath(ticket.id);
    const { statuses, winners } = await crowd(
      times(200, (i) =>
        i % 2
          ? { method: 'DELETE', path, tag: '"1-1"' }
          : { method: 'PUT', path, tag: '"1-1"', body: { ...ticketUpdate, vin: null } },
      ),
    );
    expect(winners).toHaveLength(1);
    const deleted = winners[0]?.status === 204;
    expect((statuses[412] ?? 0) + (statuses[404] ?? 0)).toBe(199);
    expect((await api.get(path, partner)).status).toBe(deleted ? 404 : 200);
  });
});

describe('exactly one of many concurrent DELETEs succeeds', () => {
  test.each([
    ['for a ticket', () => ticketPath(ticket.id), undefined],
    ['for a ticket with If-Match', () => ticketPath(ticket.id), '"1-1"'],
    ['for a ticket with If-Match: *', () => ticketPath(ticket.id), '*'],
    ['for a product line', () => linesPath(ticket.id, PRODUCT), undefined],
    ['for a product line with If-Match', () => linesPath(ticket.id, PRODUCT), '"1-1"'],
  ])('%s', async (_what, path, tag) => {
    const call: Call = { method: 'DELETE', path: path(), ...(tag && { tag }) };
    const { statuses } = await crowd(times(50, () => call));
    expect(statuses).toEqual({ 204: 1, 404: 49 });
  });
});

test('one of 50 concurrent PUTs creates a product line, and the others replace it', async () => {
  const path = linesPath(ticket.id, crypto.randomUUID());
  const { statuses, winners } = await crowd(
    times(50, (i) => ({ method: 'PUT', path, body: { quantity: i + 1 } })),
  );
  expect(statuses).toEqual({ 200: 49, 201: 1 });
  const tags = winners.map((response) => response.headers.get('etag'));
  expect(new Set(tags).size).toBe(50);
});

test('concurrent PUTs without a precondition all succeed, each with a different ETag', async () => {
  const path = ticketPath(ticket.id);
  const { statuses, winners } = await crowd(
    times(50, (i) => ({ method: 'PUT', path, body: { ...ticketUpdate, vehicle_model_id: i + 1 } })),
  );
  expect(statuses).toEqual({ 200: 50 });
  const last = winners.find((response) => response.headers.get('etag') === '"1-51"') as Response;
  expect(await (await api.get(path, partner)).json()).toEqual(await last.json());
});
