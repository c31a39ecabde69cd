import { beforeEach, describe, expect, test } from 'vitest';
import { ORIGIN } from '../../../../support/api.ts';
import { api, makeApiAndPartner, partner } from '../../../../support/each-test.ts';
import { expectExactCounts } from '../../../../support/naive-list.ts';
import { makePartner } from '../../../../support/partners.ts';
import {
  createTicket,
  type List,
  linesPath,
  listTickets,
  NOBODY,
  newTicket,
  PRODUCT,
  type ProductLine,
  putLine,
  referencePath,
  storedRows,
  type Ticket,
  ticketPath,
  writeLine,
} from '../../../../support/tickets.ts';

const REFERENCE = 'WORKSHOP-77';
const OTHER_PRODUCT = '10000000-0000-4000-8000-000000000001';

beforeEach(makeApiAndPartner);

const { preparer_external_reference: _reference, ...body } = newTicket;
const line = (product_id: string, quantity = 1) => ({ product_id, quantity });

function put(values: object = {}, headers: Record<string, string> = {}, as = partner) {
  const options = { as, body: { ...body, ...values }, headers };
  return api.request('PUT', referencePath(REFERENCE), options);
}

async function linesOf(id: string) {
  const { result } = await (await api.get(`${linesPath(id)}?limit=100`, partner)).json<
    List<ProductLine>
  >();
  return Object.fromEntries(result.map(({ product_id, quantity }) => [product_id, quantity]));
}

/** Holds the answer of a PUT against what a GET by id, by reference and the lists say, and returns it without lines. */
async function expectWritten(response: Response, status: number): Promise<Ticket> {
  expect(response.status).toBe(status);
  const written = await response.json<Ticket & { product_lines: object[] }>();
  const { product_lines, ...ticket } = written;
  const url = ORIGIN + ticketPath(ticket.id);
  const self = ORIGIN + referencePath(REFERENCE);
  expect(response.headers.get('content-location')).toBe(self);
  expect(response.headers.get('location')).toBe(status === 201 ? url : null);
  for (const [path, expected] of [
    [url, ticket],
    [self, written],
  ] as const) {
    const found = await api.get(path, partner);
    expect(found.headers.get('etag')).toBe(response.headers.get('etag'));
    expect(await found.json()).toEqual(expected);
  }
  const lines = await (await api.get(`${linesPath(ticket.id)}?limit=100`, partner)).json<
    List<ProductLine>
  >();
  expect(product_lines).toEqual(lines.result.map(({ ticket_id: _ticket, ...rest }) => rest));
  const list = await listTickets(api, partner, { preparer_external_reference: REFERENCE });
  expect(list).toMatchObject({ result: [ticket], total: 1 });
  await expectExactCounts();
  return ticket;
}

describe('a reference that no ticket has', () => {
  test('creates the ticket without lines', async () => {
    const response = await put();
    expect(response.headers.get('etag')).toBe('"1-1"');
    const ticket = await expectWritten(response, 201);
    expect(ticket).toMatchObject({ ...body, preparer_external_reference: REFERENCE });
    expect(await linesOf(ticket.id)).toEqual({});
  });

  test('creates the ticket with its lines', async () => {
    const response = await put({ product_lines: [line(PRODUCT, 3), line(OTHER_PRODUCT)] });
    expect(response.headers.get('etag')).toBe('"1-1"');
    const ticket = await expectWritten(response, 201);
    expect(await linesOf(ticket.id)).toEqual({ [PRODUCT]: 3, [OTHER_PRODUCT]: 1 });
    expect((await listTickets(api, partner, { product_id: PRODUCT })).total).toBe(1);
  });

  test('creates the ticket with 50 lines', async () => {
    const product_lines = Array.from({ length: 50 }, () => line(crypto.randomUUID()));
    const ticket = await expectWritten(await put({ product_lines }), 201);
    expect(Object.keys(await linesOf(ticket.id))).toHaveLength(50);
    await expectWritten(await put({ product_lines: product_lines.slice(25) }), 200);
    expect(Object.keys(await linesOf(ticket.id))).toHaveLength(25);
  });

  test("creates a ticket when only another partner's ticket has the reference", async () => {
    const other = await makePartner();
    const first = await (await put({}, {}, other)).json<Ticket>();
    const second = await expectWritten(await put({ vin: null }), 201);
    expect(second.id).not.toBe(first.id);
    expect(await (await api.get(referencePath(REFERENCE), other)).json()).toEqual(first);
  });

  test('creates a new ticket after the first one was deleted', async () => {
    const first = await expectWritten(await put({ product_lines: [line(PRODUCT)] }), 201);
    expect((await api.delete(referencePath(REFERENCE), partner)).status).toBe(204);
    const second = await expectWritten(await put(), 201);
    expect(second.id).not.toBe(first.id);
    expect(second.ticket_number).toBeGreaterThan(first.ticket_number);
    expect(await linesOf(second.id)).toEqual({});
  });
});

describe('a reference that one ticket has', () => {
  let ticket: Ticket;

  beforeEach(async () => {
    ticket = await createTicket(api, partner, { preparer_external_reference: REFERENCE });
    await writeLine(ticket.id, PRODUCT);
  });

  test('replaces the members that can change, and keeps the lines that are not sent', async () => {
    const values = { vehicle_model_id: 9, vin: null, voucher_code: 'OTHER' };
    const response = await put(values);
    expect(response.headers.get('etag')).toBe('"1-2"');
    expect(await expectWritten(response, 200)).toEqual({ ...ticket, ...values });
    expect(await linesOf(ticket.id)).toEqual({ [PRODUCT]: 1 });
    await expectWritten(await put({ vin: newTicket.vin }), 200);
  });

  test('resets the voucher code that is not sent, as a POST does', async () => {
    const { voucher_code: _code, ...without } = body;
    const path = referencePath(REFERENCE);
    expect(await (await api.put(path, partner, without)).json()).toEqual({
      ...ticket,
      voucher_code: null,
      product_lines: [line(PRODUCT)],
    });
  });

  test.each([
    ['another product', [line(OTHER_PRODUCT, 5)]],
    ['another quantity', [line(PRODUCT, 7)]],
    ['one product more', [line(PRODUCT), line(OTHER_PRODUCT)]],
    ['none', []],
  ])('replaces all lines by those that are sent: %s', async (_what, product_lines) => {
    await expectWritten(await put({ product_lines }), 200);
    const expected = product_lines.map(({ product_id, quantity }) => [product_id, quantity]);
    expect(await linesOf(ticket.id)).toEqual(Object.fromEntries(expected));
  });

  test('gives each line with another quantity a new tag, and leaves the tags of the others', async () => {
    const path = linesPath(ticket.id, PRODUCT);
    const etag = async () => (await api.get(path, partner)).headers.get('etag');
    await put({ vin: null, product_lines: [line(PRODUCT), line(OTHER_PRODUCT)] });
    expect(await etag()).toBe('"1-1"');
    await put({ vin: null, product_lines: [line(PRODUCT, 2), line(OTHER_PRODUCT)] });
    expect(await etag()).toBe('"1-7"');
  });

  test('leaves the lines of other tickets alone', async () => {
    const other = await createTicket(api, partner);
    await putLine(api, partner, other.id, PRODUCT, 8);
    await put({ product_lines: [] });
    expect(await linesOf(other.id)).toEqual({ [PRODUCT]: 8 });
  });

  test('accepts what was read, with the reference and the read-only members', async () => {
    expect(await expectWritten(await put(ticket), 200)).toEqual(ticket);
  });

  test('refuses another customer, and writes nothing', async () => {
    const before = await storedRows();
    const response = await put({ customer_id: NOBODY, product_lines: [] }, { 'if-match': '"1-9"' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      violations: [{ in: 'body', pointer: '#/customer_id', code: 'immutable' }],
    });
    expect(await storedRows()).toEqual(before);
  });

  test.each<[string, Record<string, string>, number]>([
    ['If-Match names the tag', { 'if-match': '"1-1"' }, 200],
    ['If-Match is *', { 'if-match': '*' }, 200],
    ['If-Match names another tag', { 'if-match': '"1-2"' }, 412],
    ['If-None-Match is *', { 'if-none-match': '*' }, 412],
    ['If-None-Match names the tag', { 'if-none-match': '"1-1"' }, 412],
    ['If-None-Match names another tag', { 'if-none-match': '"1-2"' }, 200],
  ])('when %s', async (_what, headers, status) => {
    const before = await storedRows();
    const response = await put({ vin: null, product_lines: [line(OTHER_PRODUCT)] }, headers);
    expect(response.status).toBe(status);
    if (status === 412) {
      expect(await storedRows()).toEqual(before);
    } else {
      await expectWritten(response, 200);
      expect(await linesOf(ticket.id)).toEqual({ [OTHER_PRODUCT]: 1 });
    }
  });
});

describe('a reference that no ticket has, with a condition', () => {
  test.each<[string, Record<string, string>, number]>([
    ['If-Match is *', { 'if-match': '*' }, 412],
    ['If-Match names a tag', { 'if-match': '"1-1"' }, 412],
    ['If-None-Match is *', { 'if-none-match': '*' }, 201],
    ['If-None-Match names a tag', { 'if-none-match': '"1-1"' }, 201],
  ])('when %s', async (_what, headers, status) => {
    const response = await put({ product_lines: [line(PRODUCT)] }, headers);
    expect(response.status).toBe(status);
    expect((await listTickets(api, partner)).total).toBe(status === 201 ? 1 : 0);
  });
});

describe('a reference that several tickets have', () => {
  const make = () => createTicket(api, partner, { preparer_external_reference: REFERENCE });

  test.each([2, 10, 12])('%d: names at most 10, newest first, and writes nothing', async (n) => {
    const ids: string[] = [];
    for (let i = 0; i < n; i++) {
      ids.unshift((await make()).id);
    }
    const before = await storedRows();
    const conditions: Record<string, string>[] = [
      {},
      { 'if-match': '"1-9"' },
      { 'idempotency-key': 'key' },
    ];
    for (const headers of conditions) {
      const response = await put({ customer_id: NOBODY, product_lines: [] }, headers);
      expect(response.status).toBe(409);
      expect(await response.json()).toMatchObject({
        type: '/problems/ambiguous-reference',
        prepared_ticket_ids: ids.slice(0, 10),
      });
    }
    expect(await storedRows()).toEqual(before);
  });

  test('names one again when the others are deleted', async () => {
    const { id } = await make();
    await api.delete(ticketPath((await make()).id), partner);
    expect((await expectWritten(await put(), 200)).id).toBe(id);
  });
});
