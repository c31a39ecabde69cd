import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { START, TestApi } from '../../../support/api.ts';
import { allRows } from '../../../support/d1.ts';
import { api, makeApiAndPartner, partner, useApi } from '../../../support/each-test.ts';
import { followEvents, summaryOf } from '../../../support/events.ts';
import { everywhere } from '../../../support/homes.ts';
import { disorder, expectExactCounts } from '../../../support/naive-list.ts';
import { fill, makePartner } from '../../../support/partners.ts';
import { PICKED_UP, writePickedUp } from '../../../support/picked-up-tickets.ts';
import {
  deletionOf,
  order,
  outcomesOf,
  type SyncResult,
  sendSync,
  sync,
  type TicketWithLines,
} from '../../../support/syncs.ts';
import {
  createTicket,
  linesPath,
  listTickets,
  NOBODY,
  PRODUCT,
  storedRows,
  type Ticket,
  ticketPath,
} from '../../../support/tickets.ts';

const OTHER = '0e8f2c11-51b6-4a1c-9a0e-6f0f2ad0c001';
const VIN = 'JH4KA7630PC007649';
const line = (product_id: string, quantity = 1) => ({ product_id, quantity });

beforeEach(makeApiAndPartner);

afterEach(() => expectExactCounts());

/** The ticket of a result. */
const ticketOf = (result: SyncResult | undefined): TicketWithLines => {
  expect(result).toHaveProperty('prepared_ticket');
  return (result as { prepared_ticket: TicketWithLines }).prepared_ticket;
};

/** The tag of the ticket by id. */
const tagOf = async ({ id }: { id: string }) =>
  (await api.get(ticketPath(id), partner)).headers.get('etag');

/** Syncs one item, which must change nothing at all. */
async function expectUnchanged(item: object): Promise<void> {
  const before = await allRows();
  expect(outcomesOf(await sync(api, partner, item))).toEqual(['200']);
  expect(await allRows()).toEqual(before);
}

describe('an item whose reference no ticket has', () => {
  test('is created with its lines, which are ordered by product', async () => {
    const item = order('A', {
      vin: 'jh4ka7630pc007649',
      product_lines: [line(PRODUCT, 3), line(OTHER)],
    });
    const [result] = await sync(api, partner, item);
    expect(result).toMatchObject({ preparer_external_reference: 'A', status: 201, changed: true });
    const { product_lines, ...ticket } = ticketOf(result);
    expect(ticket).toEqual(await (await api.get(ticketPath(ticket.id), partner)).json());
    expect(ticket).toMatchObject({
      vin: VIN,
      ticket_number: 1,
      created_at: new Date(START).toISOString(),
    });
    expect(product_lines).toEqual([line(OTHER), line(PRODUCT, 3)]);
    expect(await tagOf(ticket)).toBe('"1-1"');
    const lines = await (await api.get(linesPath(ticket.id), partner)).json<{ result: object[] }>();
    expect(lines.result).toMatchObject([line(OTHER), line(PRODUCT, 3)]);
  });

  test('may be . or .., which no URL can carry', async () => {
    const results = await sync(api, partner, order('.'), order('..'));
    expect(results.map((result) => ticketOf(result).preparer_external_reference)).toEqual([
      '.',
      '..',
    ]);
    expect(outcomesOf(await sync(api, partner, order('..'), deletionOf('.')))).toEqual([
      '200',
      '204 changed',
    ]);
  });

  test('has 1 to 255 characters of any kind', async () => {
    for (const reference of [
      '\u{1f697}'.repeat(255),
      '"\\\u0001\u2028%',
      '\u00e9',
      'e\u0301',
      '1',
      'null',
      ' ',
    ]) {
      const [made] = await sync(api, partner, order(reference));
      expect(ticketOf(made).preparer_external_reference).toBe(reference);
      await expectUnchanged(order(reference));
    }
  });

  test('has the number that follows that of the item before it, after every earlier ticket', async () => {
    useApi(new TestApi({}, { ticketsPerPart: 3 }));
    await createTicket(api, partner, { preparer_external_reference: 'B' });
    const items = ['E', 'B', 'A', 'D', 'C'].map((reference) => order(reference, { vin: VIN }));
    const results = await sync(api, partner, ...items, deletionOf('Z'));
    expect(outcomesOf(results)).toEqual([
      '201 changed',
      '200 changed',
      ...Array(3).fill('201 changed'),
      '204',
    ]);
    expect(results.slice(0, 5).map((result) => ticketOf(result).ticket_number)).toEqual([
      2, 1, 3, 4, 5,
    ]);
    expect((await createTicket(api, partner)).ticket_number).toBe(6);
    expect(await disorder()).toEqual([]);
  });
});

describe('an item whose reference one ticket has', () => {
  let ticket: TicketWithLines;
  const item = order('A', {
    vin: VIN,
    voucher_code: 'WQ4MM3',
    product_lines: [line(PRODUCT, 3), line(OTHER)],
  });

  beforeEach(async () => {
    [ticket] = (await sync(api, partner, item)).map(ticketOf) as [TicketWithLines];
    api.now += 1000;
  });

  test('replaces its values, and leaves its id, number and time', async () => {
    const [result] = await sync(api, partner, { ...item, vehicle_model_id: 8, vin: null });
    expect(result).toEqual({
      preparer_external_reference: 'A',
      status: 200,
      changed: true,
      prepared_ticket: { ...ticket, vehicle_model_id: 8, vin: null },
    });
    const { product_lines: _lines, ...values } = ticketOf(result);
    expect(await (await api.get(ticketPath(ticket.id), partner)).json()).toEqual(values);
    expect(await tagOf(ticket)).toBe('"1-2"');
  });

  test.each<[string, object]>([
    ['the model', { vehicle_model_id: 8 }],
    ['no VIN', { vin: null }],
    ['another VIN', { vin: 'JH4KA7630PC007640' }],
    ['no voucher code', { voucher_code: null }],
    ['a voucher code that is left out', { voucher_code: undefined }],
    ['another quantity', { product_lines: [line(PRODUCT, 4), line(OTHER)] }],
    ['another product', { product_lines: [line(PRODUCT, 3), line(NOBODY)] }],
    ['a further line', { product_lines: [line(PRODUCT, 3), line(OTHER), line(NOBODY)] }],
    ['a line less', { product_lines: [line(PRODUCT, 3)] }],
    ['no lines', { product_lines: [] }],
  ])('raises its version once for %s, with one event', async (_what, values) => {
    const results = await sync(api, partner, { ...item, ...values });
    expect(outcomesOf(results)).toEqual(['200 changed']);
    expect(await tagOf(ticket)).toBe('"1-2"');
    const events = await followEvents(api, partner);
    expect(summaryOf(events)).toEqual([
      `prepared_ticket.created ${ticket.id}`,
      `prepared_ticket.updated ${ticket.id}`,
    ]);
    expect(events[1]?.subject).toMatchObject({ ticket_number: 1, version: 2 });
    await expectUnchanged({ ...item, ...values });
  });

  test('changes only the lines that differ, which keep their own tags otherwise', async () => {
    const tag = async (product: string) =>
      (await api.get(linesPath(ticket.id, product), partner)).headers.get('etag');
    const before = [await tag(PRODUCT), await tag(OTHER)];
    await sync(api, partner, { ...item, product_lines: [line(PRODUCT, 3), line(OTHER, 2)] });
    expect(await tag(PRODUCT)).toBe(before[0]);
    expect(await tag(OTHER)).not.toBe(before[1]);
  });

  test.each<[string, object]>([
    ['the same values', {}],
    ['the VIN in lower case', { vin: VIN.toLowerCase() }],
    ['the customer in upper case', { customer_id: item.customer_id.toUpperCase() }],
    [
      'the lines in another order',
      { product_lines: [line(OTHER.toUpperCase()), line(PRODUCT, 3)] },
    ],
    ['no lines', { product_lines: undefined }],
    ['deleted: false', { deleted: false }],
    ['what the API answers', { id: NOBODY, created_at: 'x', ticket_number: null }],
  ])('writes nothing for %s, and shows the lines', async (_what, values) => {
    await expectUnchanged({ ...item, ...values });
    const [result] = await sync(api, partner, { ...item, ...values });
    expect(result).toEqual({
      preparer_external_reference: 'A',
      status: 200,
      changed: false,
      prepared_ticket: ticket,
    });
  });

  test('leaves the lines as they are without product_lines, and shows them', async () => {
    const [result] = await sync(api, partner, order('A', { vin: VIN }));
    expect(ticketOf(result)).toEqual({ ...ticket, vehicle_model_id: 7, voucher_code: null });
    expect((await storedRows()).lines).toHaveLength(2);
  });

  test('deletes it with its lines, and a second time changes nothing', async () => {
    expect(await sync(api, partner, deletionOf('A'))).toEqual([
      { preparer_external_reference: 'A', status: 204, changed: true },
    ]);
    expect(await storedRows()).toEqual({ tickets: [], lines: [] });
    const before = await allRows();
    expect(await sync(api, partner, deletionOf('A'))).toEqual([
      { preparer_external_reference: 'A', status: 204, changed: false },
    ]);
    expect(await allRows()).toEqual(before);
    expect(ticketOf((await sync(api, partner, item))[0])).toMatchObject({ ticket_number: 2 });
  });

  test('ignores every other member of a deletion', async () => {
    const results = await sync(api, partner, {
      ...deletionOf('A'),
      customer_id: 1,
      vin: 'x',
      colour: 'red',
      // More lines than a sync may have.
      product_lines: Array(2001).fill({}),
    });
    expect(outcomesOf(results)).toEqual(['204 changed']);
  });

  test('concerns the tickets of the caller alone', async () => {
    const neighbour = await makePartner();
    const [made] = await sync(api, neighbour, { ...item, vehicle_model_id: 9 });
    expect(made).toMatchObject({ status: 201, prepared_ticket: { ticket_number: 1 } });
    expect(outcomesOf(await sync(api, neighbour, deletionOf('A')))).toEqual(['204 changed']);
    await expectUnchanged(item);
  });
});

describe('an item that cannot take effect does not stop the others', () => {
  test('409 if several prepared tickets have the reference, with their ids, newest first', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 12; i++) {
      ids.unshift((await createTicket(api, partner, { preparer_external_reference: 'A' })).id);
    }
    const sent = await sendSync(api, partner, [order('A'), order('B')]);
    const { result } = await sent.json<{ result: SyncResult[] }>();
    expect(result).toMatchObject([{ status: 409 }, { status: 201 }]);
    const { problem } = result[0] as { problem: object };
    const byReference = await api.delete('/v2/tickets/prepared-tickets/by-reference/A', partner);
    expect(problem).toEqual({
      ...(await byReference.json<object>()),
      request_id: sent.headers.get('x-request-id'),
    });
    expect(problem).toMatchObject({ prepared_ticket_ids: ids.slice(0, 10) });
    expect(outcomesOf(await sync(api, partner, deletionOf('A')))).toEqual(['409']);
    expect((await listTickets(api, partner)).total).toBe(13);
  });

  test('410 if the newest ticket with the reference was picked up, also for a deletion', async () => {
    await writePickedUp(partner, { preparer_external_reference: 'A' });
    const { id } = await writePickedUp(partner, { preparer_external_reference: 'A' });
    for (const item of [order('A'), deletionOf('A')]) {
      const sent = await sendSync(api, partner, [item, order('B'), deletionOf('C')]);
      const { result } = await sent.json<{ result: SyncResult[] }>();
      expect(outcomesOf(result).at(-1)).toBe('204');
      expect((result[0] as { problem: object }).problem).toEqual({
        type: '/problems/picked-up',
        title: expect.any(String),
        status: 410,
        detail: expect.any(String),
        ticket: `${PICKED_UP}/${id}`,
        request_id: sent.headers.get('x-request-id'),
      });
    }
    expect((await listTickets(api, partner)).total).toBe(1);
  });

  test('creates a ticket beside a picked-up one of another partner', async () => {
    await writePickedUp(await makePartner(), { preparer_external_reference: 'A' });
    expect(outcomesOf(await sync(api, partner, order('A')))).toEqual(['201 changed']);
  });

  test('409 for each creation while the quota is reached; the rest goes on', async () => {
    await sync(api, partner, order('A'), order('B'), order('C'));
    await fill(partner);
    const before = await listTickets(api, partner);
    const sent = await sendSync(api, partner, [
      order('N'),
      order('A', { vehicle_model_id: 8 }),
      deletionOf('B'),
      order('C'),
      order('M'),
    ]);
    const { result } = await sent.json<{ result: SyncResult[] }>();
    expect(outcomesOf(result)).toEqual(['409', '200 changed', '204 changed', '200', '409']);
    expect((result[4] as { problem: object }).problem).toMatchObject({
      type: '/problems/ticket-quota-exceeded',
      request_id: sent.headers.get('x-request-id'),
    });
    expect((await listTickets(api, partner)).total).toBe(before.total - 1);
    await everywhere('UPDATE partners SET full_at = NULL');
    const [made] = await sync(api, partner, order('N'));
    expect(ticketOf(made).ticket_number).toBe(4);
  });
});

describe('a sync', () => {
  test('records what it created, then updated, then deleted, each in the order of the items', async () => {
    const old = (await sync(api, partner, order('A'), order('B'), order('C'), order('D'))).map(
      ticketOf,
    );
    const { length: seen } = await followEvents(api, partner);
    const made = await sync(
      api,
      partner,
      ...[deletionOf('D'), order('X'), order('C', { vin: VIN }), deletionOf('A')],
      ...[order('W'), order('B', { vin: VIN }), deletionOf('none')],
    );
    const idOf = (i: number) => ticketOf(made[i]).id;
    const events = (await followEvents(api, partner)).slice(seen);
    expect(summaryOf(events)).toEqual([
      `prepared_ticket.created ${idOf(1)}`,
      `prepared_ticket.created ${idOf(4)}`,
      `prepared_ticket.updated ${old[2]?.id}`,
      `prepared_ticket.updated ${old[1]?.id}`,
      `prepared_ticket.deleted ${old[3]?.id}`,
      `prepared_ticket.deleted ${old[0]?.id}`,
    ]);
    expect(events.map(({ subject }) => subject.version)).toEqual([1, 1, 2, 2, 1, 1]);
    expect(events.every(({ actor }) => actor?.client_id === partner.clientId)).toBe(true);
    const stored = await everywhere<{ reference: string }>(
      'SELECT preparer_external_reference AS reference FROM events ORDER BY sequence',
    );
    expect(stored.slice(seen).map(({ reference }) => reference)).toEqual([
      'X',
      'W',
      'C',
      'B',
      'D',
      'A',
    ]);
  });

  test('ignores preconditions, Prefer and Idempotency-Key, and has no entity tag', async () => {
    const headers = {
      'if-match': '"1-9"',
      'if-none-match': '*',
      prefer: 'handling=lenient',
      'idempotency-key': '"one"',
    };
    const answers: string[] = [];
    for (const vehicle_model_id of [1, 2, 1]) {
      const response = await sendSync(api, partner, [order('A', { vehicle_model_id })], headers);
      expect(response.status).toBe(200);
      for (const name of ['etag', 'preference-applied', 'idempotent-replayed', 'location']) {
        expect(response.headers.has(name), name).toBe(false);
      }
      answers.push(...outcomesOf((await response.json<{ result: SyncResult[] }>()).result));
    }
    expect(answers).toEqual(['201 changed', '200 changed', '200 changed']);
  });

  test('of 500 items with 2,000 lines creates, replaces and deletes them all', async () => {
    useApi(new TestApi({}, { ticketsPerPart: 100 }));
    const lines = (quantity: number) =>
      [NOBODY, OTHER, PRODUCT, partner.clientId].map((id) => line(id, quantity));
    const orders = (values: (i: number) => object) =>
      Array.from({ length: 500 }, (_, i) => order(`${i}`.padStart(255, 'x'), values(i)));
    const created = await sync(
      api,
      partner,
      ...orders((i) => ({ vin: i % 3 ? VIN : null, product_lines: lines(1) })),
    );
    expect(new Set(outcomesOf(created))).toEqual(new Set(['201 changed']));
    await expectExactCounts();
    const replaced = await sync(
      api,
      partner,
      ...orders((i) => ({ vin: i % 2 ? VIN : null, product_lines: lines(2).slice(i % 5) })),
    );
    expect(replaced.map((result) => ticketOf(result).id)).toEqual(
      created.map((result) => ticketOf(result).id),
    );
    await expectExactCounts();
    const removed = await sync(api, partner, ...orders(() => ({ deleted: true })));
    expect(new Set(outcomesOf(removed))).toEqual(new Set(['204 changed']));
    expect(await storedRows()).toEqual({ tickets: [], lines: [] });
  });

  test('keeps more than 50 lines of a ticket that has them, and shows all', async () => {
    const { id } = (await createTicket(api, partner, {
      preparer_external_reference: 'A',
    })) as Ticket;
    await everywhere(
      `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 59)
       INSERT INTO product_lines (ticket_number, product_id, partner_id, created_at, quantity)
       SELECT ticket_number, format('22222222-2222-4222-8222-%012d', i), partner_id, created_at, 1
       FROM n CROSS JOIN prepared_tickets WHERE id = ?`,
      id,
    );
    await everywhere(
      `INSERT INTO ticket_counts (partner_id, facet, begun_at, part_0)
       SELECT l.partner_id, 'product:' || product_id, begun_at, 1 FROM product_lines l
         JOIN ticket_counts c ON c.partner_id = l.partner_id AND facet = 'all'`,
    );
    const [result] = await sync(api, partner, order('A'));
    expect(ticketOf(result).product_lines).toHaveLength(60);
    expect(outcomesOf(await sync(api, partner, deletionOf('A')))).toEqual(['204 changed']);
  });
});
