import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { allRows } from '../../../support/d1.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import { followEvents, readEvents } from '../../../support/events.ts';
import { expectExactCounts } from '../../../support/naive-list.ts';
import {
  CUSTOMER,
  createTicket,
  linesPath,
  NOBODY,
  newTicket,
  PRODUCT,
  referencePath,
  type Ticket,
  ticketPath,
  ticketUpdate,
  writeLine,
} from '../../../support/tickets.ts';

const RUNS = Math.max(1, Math.round(Number(env.RACE_RUNS) / 5));

/** A product that no request of a test names. */
const SPARE = '10000000-0000-4000-8000-000000000001';

let ticket: Ticket;
let path: string;
let byReference: string;

beforeEach(async () => {
  await makeApiAndPartner();
  ticket = await createTicket(api, partner);
  await writeLine(ticket.id, PRODUCT);
  path = ticketPath(ticket.id);
  byReference = referencePath(ticket.preparer_external_reference);
});

const { preparer_external_reference: _reference, ...body } = newTicket;

const send = (method: string, to: string, content?: object, tag?: string | null) =>
  api.request(method, to, {
    as: partner,
    body: content,
    headers: tag ? { 'if-match': tag } : {},
  });

/** Returns the entity tag of the ticket, which is the same on both of its paths. */
async function tagOf(): Promise<string> {
  const [byId, other] = [await api.get(path, partner), await api.get(byReference, partner)];
  const tag = byId.headers.get('etag') as string;
  expect(other.headers.get('etag')).toBe(tag);
  return tag;
}

/** What a request can write of the lines of the ticket. */
const lineWrites: [string, () => Promise<Response>][] = [
  ['a PUT of a new line', () => send('PUT', linesPath(ticket.id, NOBODY), { quantity: 1 })],
  ['a PUT of another quantity', () => send('PUT', linesPath(ticket.id, PRODUCT), { quantity: 2 })],
  ['a DELETE of a line', () => send('DELETE', linesPath(ticket.id, PRODUCT))],
];

describe.each(lineWrites)('%s', (_what, write) => {
  test('raises the version of the ticket by one, with an event of the line alone', async () => {
    const { next } = await readEvents(api, partner, { after: 'latest' });
    expect(await tagOf()).toBe('"1-1"');
    expect((await write()).ok).toBe(true);
    expect(await tagOf()).toBe('"1-2"');
    const { result } = await readEvents(api, partner, { after: next });
    expect(result).toMatchObject([{ subject: { prepared_ticket_id: ticket.id } }]);
  });

  test('makes each request with the earlier tag of the ticket a 412 that writes nothing', async () => {
    await write();
    // A ticket without lines is not ready, and that problem precedes a 412.
    await writeLine(ticket.id, SPARE);
    const before = await allRows();
    for (const response of [
      await send('PUT', path, { ...ticketUpdate, vin: null }, '"1-1"'),
      await send('PUT', byReference, { ...body, vin: null }, '"1-1"'),
      await send('PUT', byReference, withLine(PRODUCT, 7), '"1-1"'),
      await send('POST', `${path}/pick-up`, { customer_id: CUSTOMER }, '"1-1"'),
      await send('DELETE', path, undefined, '"1-1"'),
      await send('DELETE', byReference, undefined, '"1-1"'),
    ]) {
      expect(response.status).toBe(412);
    }
    expect(await allRows()).toEqual(before);
    expect((await send('PUT', byReference, withLine(PRODUCT, 7), '"1-2"')).status).toBe(200);
  });
});

/** A body of a PUT by reference with one line. */
const withLine = (product_id: string, quantity: number) => ({
  ...body,
  product_lines: [{ product_id, quantity }],
});

test('a line keeps a tag of its own, and its event has the version of that tag', async () => {
  const line = linesPath(ticket.id, PRODUCT);
  await send('PUT', path, { ...ticketUpdate, vin: null });
  await send('PUT', linesPath(ticket.id, NOBODY), { quantity: 1 });
  expect((await api.get(line, partner)).headers.get('etag')).toBe('"1-1"');
  expect((await send('PUT', line, { quantity: 5 }, '"1-1"')).headers.get('etag')).toBe('"1-9"');
  expect(await tagOf()).toBe('"1-4"');
  const [last] = (await followEvents(api, partner)).slice(-1);
  expect(last).toMatchObject({ type: 'product_line.put', subject: { id: PRODUCT, version: 9 } });
});

test('a refused write of a line leaves the version of the ticket', async () => {
  const line = linesPath(ticket.id, PRODUCT);
  expect((await send('PUT', line, { quantity: 5 }, '"1-99"')).status).toBe(412);
  expect((await send('DELETE', line, undefined, '"1-99"')).status).toBe(412);
  expect((await send('DELETE', linesPath(ticket.id, NOBODY))).status).toBe(404);
  expect(await tagOf()).toBe('"1-1"');
});

test('the events of a line store the reference of the ticket', async () => {
  await send('PUT', linesPath(ticket.id, PRODUCT), { quantity: 2 });
  await send('DELETE', linesPath(ticket.id, PRODUCT));
  const { results } = await env.DB.prepare(
    'SELECT preparer_external_reference AS reference FROM events WHERE type LIKE ?',
  )
    .bind('product_line.%')
    .all();
  expect(results).toEqual(Array(2).fill({ reference: ticket.preparer_external_reference }));
});

interface WithLines {
  product_lines: { product_id: string; quantity: number }[];
}

/** Adds a line as a careful editor does: reads all lines, and sends them under the tag that came with them. */
async function addLine(product_id: string): Promise<number> {
  for (let attempts = 1; ; attempts++) {
    const read = await api.get(byReference, partner);
    const { product_lines } = await read.json<WithLines>();
    const tag = read.headers.get('etag');
    const content = { ...body, product_lines: [...product_lines, { product_id, quantity: 1 }] };
    const { status } = await send('PUT', byReference, content, tag);
    if (status === 200) {
      return attempts;
    }
    expect(status).toBe(412);
  }
}

test.each(Array.from({ length: RUNS }, (_, i) => i))(
  'editors of different lines do not overwrite each other, run %d',
  async () => {
    const products = Array.from({ length: 6 }, () => crypto.randomUUID());
    const single = Array.from({ length: 6 }, () => crypto.randomUUID());
    const attempts = await Promise.all([
      ...products.map(addLine),
      ...single.map(async (id) => {
        expect((await send('PUT', linesPath(ticket.id, id), { quantity: 1 })).status).toBe(201);
        return 1;
      }),
    ]);
    const { product_lines } = await (await api.get(byReference, partner)).json<WithLines>();
    const expected = [PRODUCT, ...products, ...single].sort();
    expect(product_lines.map(({ product_id }) => product_id)).toEqual(expected);
    // Without a 412, no two of them met.
    expect(Math.max(...attempts)).toBeGreaterThan(1);
    expect(await tagOf()).toBe('"1-13"');
    await expectExactCounts();
  },
);
