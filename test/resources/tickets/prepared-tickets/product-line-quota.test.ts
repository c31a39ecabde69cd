import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Database } from '../../../../src/db/client.ts';
import { ownedSql } from '../../../../src/db/owned.ts';
import {
  mayAddLines,
  mayHaveLines,
  updateFullPartners,
} from '../../../../src/resources/tickets/prepared-tickets/quota.repository.ts';
import { linesOf } from '../../../../src/resources/tickets/prepared-tickets/ticket-columns.repository.ts';
import { START, TestApi, TICKETS } from '../../../support/api.ts';
import {
  itemsOf,
  type LenientBatch,
  sendBatch,
  storedReferences,
} from '../../../support/batches.ts';
import { runCron } from '../../../support/cron.ts';
import { allRows } from '../../../support/d1.ts';
import { stillWorld } from '../../../support/dependencies.ts';
import { api, makeApiAndPartner, partner, useApi } from '../../../support/each-test.ts';
import { retryAtOnce } from '../../../support/faults.ts';
import { FaultyD1 } from '../../../support/faulty-d1.ts';
import { databaseOf, everywhere, homeOf } from '../../../support/homes.ts';
import { expectExactCounts } from '../../../support/naive-list.ts';
import { fill, fillLines, makePartner, type TestPartner } from '../../../support/partners.ts';
import type { ProblemBody } from '../../../support/problems.ts';
import { order, outcomesOf, type SyncResult, sendSync, sync } from '../../../support/syncs.ts';
import {
  createTicket,
  linesPath,
  newTicket,
  PRODUCT,
  putLine,
  referencePath,
  type Ticket,
  ticketPath,
} from '../../../support/tickets.ts';

const LINES_TYPE = '/problems/product-line-quota-exceeded';
const TICKETS_TYPE = '/problems/ticket-quota-exceeded';
const OTHER_PRODUCT = '0b5c3c0e-0f5c-4a52-8d55-0d7e4a1c2f11';
const THIRD_PRODUCT = '9b5c3c0e-0f5c-4a52-8d55-0d7e4a1c2f99';
const key = '"one key"';

/** One line of each of these products. */
const of = (...products: string[]) => products.map((product_id) => ({ product_id, quantity: 1 }));
const one = of(PRODUCT);
const two = of(PRODUCT, OTHER_PRODUCT);

/** The reference of a ticket with two lines, and that of one without lines. */
const [WITH_TWO, WITHOUT] = ['two', 'without'];
let withTwo: Ticket;
let without: Ticket;

beforeEach(async () => {
  await makeApiAndPartner();
  withTwo = await createTicket(api, partner, { preparer_external_reference: WITH_TWO });
  await putLine(api, partner, withTwo.id, PRODUCT);
  await putLine(api, partner, withTwo.id, OTHER_PRODUCT);
  without = await createTicket(api, partner, { preparer_external_reference: WITHOUT });
});

afterEach(() => expectExactCounts());

/** Runs the tasks of the cron trigger. */
const runTasks = () => runCron({ ...stillWorld, now: () => api.now });

const putLineOf = (
  { id }: Ticket,
  productId: string,
  headers: Record<string, string> = {},
  quantity = 3,
) => api.request('PUT', linesPath(id, productId), { as: partner, body: { quantity }, headers });

const putBy = (reference: string, values: object, headers: Record<string, string> = {}) => {
  const { preparer_external_reference: _reference, ...body } = newTicket;
  const path = referencePath(reference);
  return api.request('PUT', path, { as: partner, body: { ...body, ...values }, headers });
};

/** Items of a batch, of which the second one has a line. */
const mixedItems = () => {
  const [first, second, ...others] = itemsOf(3);
  return [first, { ...second, product_lines: one }, ...others];
};

/** Expects the problem of a quota, and that the request wrote nothing. */
async function expectRefused(
  send: () => Promise<Response>,
  type = LINES_TYPE,
  status = 409,
): Promise<void> {
  const before = await allRows();
  const response = await send();
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ type });
  expect(await allRows()).toEqual(before);
}

const answerOf = async (response: Response) => ({
  status: response.status,
  body: await response.text(),
});

const typeOf = (result: unknown) => (result as { problem?: ProblemBody }).problem?.type;

describe('a partner that has as many product lines as its quota', () => {
  beforeEach(() => fillLines(partner));

  test('adds no line to a ticket', async () => {
    await expectRefused(() => putLineOf(without, PRODUCT));
    await expectRefused(() => putLineOf(withTwo, THIRD_PRODUCT));
    await expectRefused(() => putLineOf(without, PRODUCT, { 'if-none-match': '*' }));
  });

  test('creates no batch of which an item has a line, with and without a key', async () => {
    await expectRefused(() => sendBatch(api, partner, mixedItems()));
    await expectRefused(() => sendBatch(api, partner, mixedItems(), { key }));
  });

  test('creates no ticket with a line by reference, with and without a key', async () => {
    await expectRefused(() => putBy('new', { product_lines: one }));
    await expectRefused(() => putBy('new', { product_lines: one }, { 'idempotency-key': key }));
    await expectRefused(() => putBy('new', { product_lines: one }, { 'if-none-match': '*' }));
  });

  test('replaces no ticket by reference with one of more lines, with and without a key', async () => {
    const three = of(PRODUCT, OTHER_PRODUCT, THIRD_PRODUCT);
    await expectRefused(() => putBy(WITHOUT, { product_lines: one }));
    await expectRefused(() => putBy(WITH_TWO, { product_lines: three, vin: null }));
    await expectRefused(() =>
      putBy(WITH_TWO, { product_lines: three }, { 'idempotency-key': key }),
    );
  });

  test('gets the problem of each item of a sync that would add lines; the others take effect', async () => {
    const three = of(PRODUCT, OTHER_PRODUCT, THIRD_PRODUCT);
    const sent = await sendSync(api, partner, [
      order('new', { product_lines: one }),
      order('new without'),
      order(WITH_TWO, { product_lines: three }),
      order(WITHOUT, { vehicle_model_id: 9, product_lines: [] }),
    ]);
    const { result } = await sent.json<{ result: SyncResult[] }>();
    expect(outcomesOf(result)).toEqual(['409', '201 changed', '409', '200 changed']);
    expect(result.map(typeOf)).toEqual([LINES_TYPE, undefined, LINES_TYPE, undefined]);
    const request_id = sent.headers.get('x-request-id');
    expect(result[0]).toMatchObject({ problem: { status: 409, request_id } });
    expect(await storedReferences()).toEqual([WITH_TWO, WITHOUT, 'new without']);
  });

  test('gets the problem of items of a sync of which none changes anything', async () => {
    const items = [
      order(WITH_TWO, { ...newTicket, preparer_external_reference: WITH_TWO }),
      order(WITHOUT, { ...newTicket, preparer_external_reference: WITHOUT, product_lines: one }),
    ];
    const before = await allRows();
    const results = await sync(api, partner, ...items);
    expect(outcomesOf(results)).toEqual(['200', '409']);
    expect(typeOf(results[1])).toBe(LINES_TYPE);
    expect(await allRows()).toEqual(before);
  });

  test('gets what else refuses a request before the quota is looked at', async () => {
    const absent = { ...without, id: crypto.randomUUID() };
    expect((await putLineOf(without, PRODUCT, { 'if-match': '"1"' })).status).toBe(412);
    expect((await putLineOf(withTwo, PRODUCT, { 'if-none-match': '*' })).status).toBe(412);
    expect((await putLineOf(absent, PRODUCT)).status).toBe(404);
    const noMatch = { 'if-match': '"99"' };
    expect((await putBy(WITHOUT, { product_lines: one }, noMatch)).status).toBe(412);
    expect((await putBy('new', { product_lines: one }, { 'if-match': '"1"' })).status).toBe(412);
    const other = { customer_id: crypto.randomUUID(), product_lines: one };
    expect((await putBy(WITHOUT, other)).status).toBe(400);
  });

  test('gets the problem of a ticket that has as many lines as it may', async () => {
    await everywhere(
      `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 49)
       INSERT INTO product_lines (ticket_number, product_id, partner_id, created_at, quantity)
       SELECT ticket_number, 'product ' || i, partner_id, created_at, 1 FROM n
         CROSS JOIN prepared_tickets WHERE id = ?`,
      without.id,
    );
    await expectRefused(() => putLineOf(without, PRODUCT), '/problems/too-many-product-lines');
    await everywhere("DELETE FROM product_lines WHERE product_id LIKE 'product %'");
  });

  test('does not keep another partner from adding lines', async () => {
    const items = [{ ...newTicket, product_lines: one }];
    expect((await sendBatch(api, await makePartner(), items)).status).toBe(201);
  });

  test('can use the key of a refused request when it may add lines again', async () => {
    const requests = [
      () => sendBatch(api, partner, mixedItems(), { key }),
      () => putBy('new', { product_lines: one }, { 'idempotency-key': '"another key"' }),
      () => putBy(WITHOUT, { product_lines: one }, { 'idempotency-key': '"third key"' }),
    ];
    for (const send of requests) {
      expect((await send()).status).toBe(409);
    }
    await runTasks();
    for (const send of requests) {
      const response = await send();
      expect([200, 201]).toContain(response.status);
      expect(response.headers.has('idempotent-replayed')).toBe(false);
    }
  });

  test('whose quota of tickets is reached as well gets the problem of tickets for a creation', async () => {
    await fill(partner);
    await expectRefused(() => sendBatch(api, partner, mixedItems()), TICKETS_TYPE);
    await expectRefused(() => putBy('new', { product_lines: one }), TICKETS_TYPE);
    await expectRefused(() => putBy(WITHOUT, { product_lines: one }));
    const lenient = await sendBatch(api, partner, mixedItems(), { isLenient: true });
    const { result } = await lenient.json<LenientBatch>();
    expect(result.map(typeOf)).toEqual(Array(3).fill(TICKETS_TYPE));
    const results = await sync(
      api,
      partner,
      order('new', { product_lines: one }),
      order(WITHOUT, { product_lines: one }),
    );
    expect(results.map(typeOf)).toEqual([TICKETS_TYPE, LINES_TYPE]);
  });
});

describe('everything that adds no line goes on while the quota of lines is reached', () => {
  beforeEach(() => fillLines(partner));

  test('creating tickets without lines, singly, by reference and in a batch', async () => {
    expect((await api.post(TICKETS, partner, newTicket)).status).toBe(201);
    expect((await putBy('A', {})).status).toBe(201);
    expect((await putBy('B', { product_lines: [] })).status).toBe(201);
    const items = itemsOf(2).map((item) => ({ ...item, product_lines: [] }));
    expect((await sendBatch(api, partner, items)).status).toBe(201);
  });

  test('replacing the quantity of a line, and deleting one', async () => {
    expect((await putLineOf(withTwo, PRODUCT)).status).toBe(200);
    expect((await putLineOf(withTwo, PRODUCT)).status, 'unchanged').toBe(200);
    expect((await api.delete(linesPath(withTwo.id, PRODUCT), partner)).status).toBe(204);
  });

  test('replacing lines by as many or fewer, by reference, with and without a key', async () => {
    const keyed = { 'idempotency-key': key };
    const others = of(PRODUCT, THIRD_PRODUCT);
    for (const [product_lines, headers] of [
      [others, {}],
      [two, keyed],
      [two, keyed],
      [two, {}],
      [one, {}],
      [undefined, {}],
      [[], {}],
    ] as const) {
      const response = await putBy(WITH_TWO, { product_lines, vehicle_model_id: 3 }, headers);
      expect(response.status).toBe(200);
      const { product_lines: shown } = await response.json<{ product_lines: object[] }>();
      expect(shown).toHaveLength((product_lines ?? one).length);
    }
  });

  test('syncing tickets with as many lines or fewer, and unchanged ones', async () => {
    const others = of(PRODUCT, THIRD_PRODUCT);
    for (const [product_lines, outcome] of [
      [others, '200 changed'],
      [others, '200'],
      [undefined, '200'],
      [one, '200 changed'],
      [[], '200 changed'],
    ] as const) {
      const values = { ...newTicket, preparer_external_reference: WITH_TWO, product_lines };
      expect(outcomesOf(await sync(api, partner, order(WITH_TWO, values)))).toEqual([outcome]);
    }
  });

  test('a pick-up, and the deletion of a ticket', async () => {
    const customer = { customer_id: newTicket.customer_id };
    const vehicle = { ...newTicket, vehicle_model_id: 1 };
    const { customer_id: _customer, ...update } = vehicle;
    expect((await api.put(ticketPath(withTwo.id), partner, update)).status).toBe(200);
    const pickUp = await api.post(`${ticketPath(withTwo.id)}/pick-up`, partner, customer);
    expect(pickUp.status).toBe(201);
    expect((await api.delete(ticketPath(without.id), partner)).status).toBe(204);
  });
});

describe('a lenient batch beyond the quota of lines', () => {
  const send = (id: string, items: object[] = [{ vin: 'short' }, ...(mixedItems() as object[])]) =>
    api.request('POST', '/v2/tickets/prepared-ticket-batches', {
      as: partner,
      body: { prepared_tickets: items },
      headers: { prefer: 'handling=lenient', 'idempotency-key': key, 'x-request-id': id },
    });

  beforeEach(() => fillLines(partner));

  test('creates the items without lines, and returns the whole problem of the others', async () => {
    const response = await send('first');
    expect(response.status).toBe(200);
    const { result } = await response.json<LenientBatch>();
    expect(result.map(({ status }) => status)).toEqual([400, 201, 409, 201]);
    expect(result[2]).toEqual({
      status: 409,
      problem: {
        type: LINES_TYPE,
        title: 'Product line quota exceeded',
        status: 409,
        detail: expect.stringContaining('quota'),
        request_id: 'first',
      },
    });
    expect(await storedReferences()).toEqual([WITH_TWO, WITHOUT, 'ITEM-0', 'ITEM-2']);
    const tickets = result.flatMap((item) => (item.status === 201 ? [item.prepared_ticket] : []));
    const shown = await Promise.all(
      tickets.map(async ({ id }) => (await api.get(ticketPath(id), partner)).json()),
    );
    expect(shown, 'the tickets as they are stored').toEqual(tickets);
  });

  test('is replayed byte for byte with its key, also when the partner may add lines again', async () => {
    const first = await answerOf(await send('first'));
    const before = await allRows();
    for (const again of [await send('second'), await runTasks().then(() => send('third'))]) {
      expect(again.headers.get('idempotent-replayed')).toBe('true');
      expect(await answerOf(again)).toEqual(first);
    }
    expect((await allRows()).prepared_tickets).toEqual(before.prepared_tickets);
  });

  test('of which each item has lines creates nothing, and is replayed', async () => {
    const items = itemsOf(2).map((item) => ({ ...item, product_lines: one }));
    const first = await answerOf(await send('first', items));
    expect(JSON.parse(first.body).result.map(typeOf)).toEqual([LINES_TYPE, LINES_TYPE]);
    expect(await storedReferences()).toEqual([WITH_TWO, WITHOUT]);
    await runTasks();
    expect(await answerOf(await send('second', items))).toEqual(first);
  });

  test('that was created before is replayed as it was', async () => {
    await runTasks();
    const first = await answerOf(await send('first'));
    await fillLines(partner);
    expect(await answerOf(await send('second'))).toEqual(first);
  });
});

describe('a request whose answer was lost', () => {
  /** Sends a request whose call meets a fault, and whose partner reaches the quota of lines before the next one. */
  async function sendWithFault(kind: 'before' | 'after', send: () => Promise<Response>) {
    retryAtOnce();
    const d1 = new FaultyD1();
    useApi(new TestApi({ DB: d1.db }));
    await api.get(TICKETS, partner);
    d1.plan((call) => {
      if (call === 2) {
        void fillLines(partner);
      }
      return call === 1 ? kind : undefined;
    });
    return send();
  }

  const lenient = () => sendBatch(api, partner, mixedItems(), { isLenient: true });
  const writes: [string, () => Promise<Response>][] = [
    ['a line', () => putLineOf(without, PRODUCT)],
    ['a batch', () => sendBatch(api, partner, mixedItems())],
    ['a lenient batch', lenient],
    ['a creation by reference', () => putBy('new', { product_lines: one })],
    ['a replacement by reference', () => putBy(WITHOUT, { product_lines: one })],
    [
      'a replacement with a key',
      () => putBy(WITHOUT, { product_lines: one }, { 'idempotency-key': key }),
    ],
    ['a sync', () => sendSync(api, partner, [order('new', { product_lines: one })])],
    [
      'a sync that replaces',
      () => sendSync(api, partner, [order(WITHOUT, { product_lines: one })]),
    ],
  ];

  test.each(writes)(
    'is confirmed when it took effect before the quota was reached: %s',
    async (_what, send) => {
      const response = await sendWithFault('after', send);
      expect([200, 201]).toContain(response.status);
      expect(await response.text()).not.toContain('quota');
    },
  );

  test.each(writes)('is refused when it did not, and adds no line: %s', async (_what, send) => {
    const response = await sendWithFault('before', send);
    expect([200, 409]).toContain(response.status);
    expect(await response.text()).toContain(LINES_TYPE);
    expect((await allRows()).product_lines).toHaveLength(2);
  });

  test('of a lenient batch, whose items without lines are created once', async () => {
    retryAtOnce();
    const d1 = new FaultyD1();
    useApi(new TestApi({ DB: d1.db }));
    await fillLines(partner);
    await api.get(TICKETS, partner);
    d1.plan((call) => (call === 2 ? 'after' : undefined));
    const { result } = await (await lenient()).json<LenientBatch>();
    expect(result.map(({ status }) => status)).toEqual([201, 409, 201]);
    expect(await storedReferences()).toEqual([WITH_TWO, WITHOUT, 'ITEM-0', 'ITEM-2']);
  });
});

describe('the quota of lines', () => {
  const setQuota = (quota: number) =>
    databaseOf(partner)
      .prepare('UPDATE partners SET max_product_lines = ? WHERE id = ?')
      .bind(quota, partner.partnerId)
      .run();

  const add = async () => (await putLineOf(without, crypto.randomUUID())).status;

  test('counts exactly, and is noticed by the next scheduled run', async () => {
    await createTicket(api, partner, { vin: null });
    await setQuota(3);
    await runTasks();
    expect(await Promise.all([add(), add()])).toEqual([201, 201]);
    await runTasks();
    expect(await add()).toBe(409);
  });

  test('ends after the next scheduled run when lines are deleted or their ticket is picked up', async () => {
    await setQuota(2);
    await runTasks();
    expect(await add()).toBe(409);
    await api.delete(linesPath(withTwo.id, PRODUCT), partner);
    expect(await add()).toBe(409);
    await runTasks();
    expect(await add()).toBe(201);
    await runTasks();
    expect(await add()).toBe(409);
    const customer = { customer_id: newTicket.customer_id };
    const { customer_id: _customer, ...update } = { ...newTicket, vehicle_model_id: 1 };
    await api.put(ticketPath(withTwo.id), partner, update);
    expect((await api.post(`${ticketPath(withTwo.id)}/pick-up`, partner, customer)).status).toBe(
      201,
    );
    await runTasks();
    expect(await add()).toBe(201);
  });

  test('of zero allows no line, and limits no ticket', async () => {
    await setQuota(0);
    await runTasks();
    expect(await add()).toBe(409);
    expect((await api.post(TICKETS, partner, newTicket)).status).toBe(201);
  });

  test('keeps the time at which it was reached', async () => {
    await setQuota(0);
    await runTasks();
    api.now += 300_000;
    await runTasks();
    const row = await databaseOf(partner)
      .prepare('SELECT full_at, lines_full_at FROM partners WHERE id = ?')
      .bind(partner.partnerId)
      .first();
    expect(row).toEqual({ full_at: null, lines_full_at: START });
  });

  test('costs a partner that has not reached it no row, whichever other partners have', async () => {
    const home = homeOf(partner);
    const other = await makePartner({ home });
    await fillLines(await makePartner({ home }));
    const ask = async ({ partnerId }: TestPartner) => {
      const db = new Database(home.database, undefined, 10_000);
      const present = linesOf(partnerId, sql`1`);
      const { asked } = await db.read({
        asked: ownedSql<{ add: 0 | 1; have: 0 | 1 }>`SELECT ${mayAddLines(partnerId)} AS "add",
          ${mayHaveLines(partnerId, 1, present)} AS have`,
      });
      return [asked[0], db.cost.rowsRead];
    };
    expect(await ask(partner)).toEqual([{ add: 1, have: 1 }, 0]);
    await fillLines(other);
    expect(await ask(partner)).toEqual([{ add: 1, have: 1 }, 0]);
    expect(await ask(other)).toEqual([{ add: 0, have: 0 }, 2]);
  });

  test('costs the rows of the products of partners whose tickets could have that many lines only', async () => {
    const PRODUCTS = 40;
    for (let i = 0; i < PRODUCTS; i++) {
      await add();
    }
    const rowsRead = async (quota: number) => {
      await setQuota(quota);
      const db = new Database(homeOf(partner).database, undefined, 10_000);
      expect(await updateFullPartners(db, START)).toEqual([]);
      return db.cost.rowsRead;
    };
    // Two tickets have at most 100 lines.
    const spared = await rowsRead(101);
    const summed = await rowsRead(100);
    expect(summed - spared).toBe(PRODUCTS + 2);
  });
});
