import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { START, TestApi } from '../../../support/api.ts';
import { itemsOf, sendBatch, ticketsOf } from '../../../support/batches.ts';
import { api, makeApiAndPartner, partner, useApi } from '../../../support/each-test.ts';
import { disorder, expectExactCounts } from '../../../support/naive-list.ts';
import {
  createTicket,
  linesPath,
  listTickets,
  newTicket,
  PRODUCT,
  type ProductLine,
  type Ticket,
  ticketPath,
} from '../../../support/tickets.ts';

beforeEach(makeApiAndPartner);

afterEach(async () => {
  await expectExactCounts();
  expect(await disorder()).toEqual([]);
});

const OTHER_PRODUCT = '11111111-1111-4111-8111-111111111111';

describe('a batch', () => {
  test('creates its tickets in the order of the request, with rising numbers and one created_at', async () => {
    const items = itemsOf(500);
    const response = await sendBatch(api, partner, items);
    expect(response.status).toBe(201);
    expect(response.headers.has('preference-applied')).toBe(false);
    const tickets = await ticketsOf(response);
    const first = (tickets[0] as Ticket).ticket_number;
    expect(tickets).toEqual(
      items.map((item, i) => ({
        ...item,
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        created_at: new Date(START).toISOString(),
        ticket_number: first + i,
      })),
    );
    expect(new Set(tickets.map(({ id }) => id)).size).toBe(500);
    const list = await listTickets(api, partner, { limit: 1000 });
    expect(list.total).toBe(500);
    expect(list.result).toEqual(tickets.toReversed());
  });

  test('of one ticket is the same as a single creation', async () => {
    const [ticket] = await ticketsOf(await sendBatch(api, partner, [newTicket]));
    const read = await api.get(ticketPath(ticket?.id as string), partner);
    expect(read.headers.get('etag')).toBe('"1-1"');
    expect(await read.json()).toEqual(ticket);
  });

  test('stores values exactly: upper-case VIN, lower-case customer, null, large numbers, any text', async () => {
    const items = [
      {
        customer_id: newTicket.customer_id.toUpperCase(),
        vehicle_model_id: Number.MAX_SAFE_INTEGER,
        vin: newTicket.vin.toLowerCase(),
        preparer_external_reference: '🚗 "quoted" \\ \u2028 \u0001 \'; DROP TABLE x',
      },
      { ...newTicket, vin: null, voucher_code: null, preparer_external_reference: '' },
    ];
    const tickets = await ticketsOf(await sendBatch(api, partner, items));
    expect(tickets).toMatchObject([
      {
        customer_id: newTicket.customer_id,
        vehicle_model_id: Number.MAX_SAFE_INTEGER,
        vin: newTicket.vin,
        voucher_code: null,
        preparer_external_reference: items[0]?.preparer_external_reference,
      },
      items[1],
    ]);
    const list = await listTickets(api, partner);
    expect(list.result).toEqual(tickets.toReversed());
  });

  test('ignores read-only members, so that what was read can be sent back', async () => {
    const old = await createTicket(api, partner);
    const [ticket] = await ticketsOf(await sendBatch(api, partner, [old]));
    expect(ticket?.id).not.toBe(old.id);
    expect(ticket?.ticket_number).toBe(old.ticket_number + 1);
  });

  test('creates the lines of its tickets, and each is found by its product', async () => {
    const lines = [
      { product_id: PRODUCT.toUpperCase(), quantity: 2 },
      { product_id: OTHER_PRODUCT, quantity: 2 ** 31 - 1 },
    ];
    const many = Array.from({ length: 50 }, (_, i) => ({
      product_id: `22222222-2222-4222-8222-${String(i).padStart(12, '0')}`,
      quantity: i + 1,
    }));
    const [first, second, third] = itemsOf(3);
    const tickets = await ticketsOf(
      await sendBatch(api, partner, [
        { ...first, product_lines: [] },
        { ...second, product_lines: lines },
        { ...third, product_lines: [...many.slice(1), { product_id: PRODUCT, quantity: 1 }] },
      ]),
    );
    const linesOf = async (i: number) => {
      const response = await api.get(`${linesPath(tickets[i]?.id as string)}?limit=100`, partner);
      return (await response.json<{ result: ProductLine[] }>()).result;
    };
    expect(await linesOf(0)).toEqual([]);
    expect(await linesOf(1)).toEqual([
      { ticket_id: tickets[1]?.id, product_id: OTHER_PRODUCT, quantity: 2 ** 31 - 1 },
      { ticket_id: tickets[1]?.id, product_id: PRODUCT, quantity: 2 },
    ]);
    expect(await linesOf(2)).toHaveLength(50);
    const list = await listTickets(api, partner, { product_id: PRODUCT });
    expect(list.result).toEqual([tickets[2], tickets[1]]);
    const line = await api.get(linesPath(tickets[1]?.id as string, PRODUCT), partner);
    expect(line.headers.get('etag')).toBe(`"${tickets[1]?.ticket_number}-2"`);
  });

  test('is counted by customer, by product and among the tickets without a VIN', async () => {
    const customers = [0, 1, 2].map((i) => `00000000-0000-4000-8000-00000000000${i}`);
    const items = itemsOf(90).map((item, i) => ({
      ...item,
      customer_id: customers[i % 3] as string,
      vin: i % 5 === 0 ? null : item.vin,
      product_lines: i % 2 === 0 ? [{ product_id: PRODUCT, quantity: 1 }] : [],
    }));
    await sendBatch(api, partner, items);
    const total = async (query: Record<string, string>) =>
      (await listTickets(api, partner, { ...query, limit: 0 })).total;
    expect(await total({})).toBe(90);
    expect(await total({ customer_id: customers[1] as string })).toBe(30);
    expect(await total({ vin: '' })).toBe(18);
    expect(await total({ product_id: PRODUCT })).toBe(45);
  });
});

describe('among other writes', () => {
  test('created_at never goes back behind an earlier batch, whatever the clock says', async () => {
    useApi(new TestApi({}, { ticketsPerPart: 3 }));
    for (const now of [10, 3, 12, 0, 12, 11]) {
      api.now = START + now;
      expect((await sendBatch(api, partner, itemsOf(4))).status).toBe(201);
      await createTicket(api, partner);
      await expectExactCounts();
      expect(await disorder()).toEqual([]);
    }
  });

  test('parallel batches, creations and deletions leave numbers and times in one order', async () => {
    useApi(new TestApi({}, { ticketsPerPart: 3 }));
    const seeds = await ticketsOf(await sendBatch(api, partner, itemsOf(10)));
    await Promise.all([
      ...Array.from({ length: 10 }, (_, i) =>
        sendBatch(api, partner, itemsOf(1 + i, { vin: i % 2 === 0 ? null : newTicket.vin })),
      ),
      ...Array.from({ length: 10 }, () => createTicket(api, partner)),
      ...seeds.map(({ id }) => api.delete(ticketPath(id), partner)),
    ]);
    expect((await listTickets(api, partner, { limit: 0 })).total).toBe(55 + 10);
  });
});
