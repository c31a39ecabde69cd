import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { newApiKey, newClientSecret } from '../src/auth/secrets.ts';
import { eventTypes } from '../src/db/events.ts';
import { TICKETS_PER_PART } from '../src/resources/tickets/buckets.repository.ts';
import { repairCounts } from '../src/resources/tickets/prepared-tickets/recount.repository.ts';
import { BATCHES, START, SYNCS, TestApi, TICKETS } from './support/api.ts';
import { apiKeys, type CredentialKind, clients, type Made } from './support/credentials.ts';
import { api, makeApiAndPartner, partner } from './support/each-test.ts';
import { homeOf, homes } from './support/homes.ts';
import { makePartner, type TestPartner } from './support/partners.ts';
import { PICKED_UP, pickedUpPath, recountPickedUp } from './support/picked-up-tickets.ts';
import {
  linesPath,
  NOBODY,
  newTicket,
  PRODUCT,
  referencePath,
  type Ticket,
  takeNumbers,
  ticketPath,
  ticketUpdate,
} from './support/tickets.ts';
import { basic, requestToken } from './support/token-requests.ts';

/**
 * Tests the D1 budgets of the cheap operations with few tickets, so that a regression fails quickly.
 * `npm run bench` tests them with a million tickets. The rows of writes include two of the gate.
 */

const HOUR = 3_600_000;
/** More than fit into one bucket of counts, and spread over some days. */
const [COUNT, DAYS] = [1700, 10];
const BUCKETS = Math.ceil(COUNT / (4 * TICKETS_PER_PART));
const STEP = (DAYS * 24 * HOUR) / COUNT;
/** Events of the partner. */
const EVENTS = 500;

let tickets: Ticket[];

/**
 * Inserts the tickets in one batch, because a request for each would take longer than all measurements.
 */
beforeEach(async () => {
  await makeApiAndPartner();
  const { partnerId } = partner;
  const [, written] = await env.DB.batch<Ticket>([
    takeNumbers(partnerId, COUNT),
    env.DB.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?1 - 1)
       INSERT INTO prepared_tickets (id, partner_id, ticket_number, created_at, customer_id, vehicle_model_id, vin,
         preparer_external_reference)
       SELECT format('00000000-0000-4000-8000-%012d', i), ?2, i + 1, ?3 + i * ?4, ?5, 0,
         iif(i % 5 = 0, NULL, format('VIN%014d', i % 567)), 'REFERENCE_' || (i % 567) FROM n
       RETURNING id, ticket_number, vin`,
    ).bind(COUNT, partnerId, START, STEP, newTicket.customer_id),
    env.DB.prepare(
      `INSERT INTO product_lines (ticket_number, product_id, partner_id, created_at, quantity)
       SELECT ticket_number, ?, partner_id, created_at, 1 FROM prepared_tickets`,
    ).bind(PRODUCT),
    // Many events, so that a statement which reads each of them is beyond every budget.
    env.DB.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
       INSERT INTO events (partner_id, sequence, id, type, created_at, subject_id)
       SELECT ?2, i, format('00000000-0000-4000-8000-%012d', i), iif(i % 2, 'client.updated', 'api_key.updated'),
         ?3, '${NOBODY}' FROM n`,
    ).bind(EVENTS, partnerId, START),
    ...repairCounts.map((statement) => env.DB.prepare(statement)),
  ]);
  tickets = written?.results as Ticket[];
  api.now = START + COUNT * STEP;
  await api.get(TICKETS, partner);
});

interface Cost {
  readonly trips: number;
  readonly read: number;
  readonly written: number;
}

function costOf(response: Response): Cost {
  const timing = response.headers.get('server-timing') ?? '';
  const [, trips, read, written] = /trips=(\d+) read=(\d+) written=(\d+)/.exec(timing) ?? [];
  return { trips: Number(trips), read: Number(read), written: Number(written) };
}

/** Expects exactly the round trips of a budget, and at most its rows. */
async function expectCost(sent: Promise<Response>, status: number, budget: Cost): Promise<void> {
  const response = await sent;
  expect(response.status).toBe(status);
  const cost = costOf(response);
  expect(cost.trips).toBe(budget.trips);
  expect(cost.read).toBeLessThanOrEqual(budget.read);
  expect(cost.written).toBeLessThanOrEqual(budget.written);
  // Without this, a database that reports no rows would be within any budget.
  expect(cost.written > 0).toBe(budget.written > 0);
}

const nth = (i: number) => tickets[i] as Ticket;
const list = (query: string) => api.get(`${TICKETS}?${query.replace(/^&+|&+(?=&)/g, '')}`, partner);
/** Rows that the counts of all buckets cost: once for a total, and more often where an offset is sought. */
const ofBuckets = (factor: number) => factor * (BUCKETS + 2);

describe('one ticket', () => {
  test('GET: 1 trip, 3 rows', async () => {
    const sent = api.get(ticketPath(nth(3).id), partner);
    expect(costOf(await sent).read).toBeGreaterThan(0);
    await expectCost(sent, 200, {
      trips: 1,
      read: 3,
      written: 0,
    });
  });

  test.each([
    [
      'of a customer and a day that are new',
      { ...newTicket, customer_id: crypto.randomUUID() },
      30,
    ],
    ['without a VIN', { ...newTicket, vin: null }, 30],
    ['of a customer and a day that are known', newTicket, 0],
  ])('POST with a key, %s: 1 trip, 20 rows read, 14 written', async (_what, body, days) => {
    api.now += days * 24 * HOUR;
    await api.get(TICKETS, partner);
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const post = () => api.request('POST', TICKETS, { as: partner, body, headers });
    await expectCost(post(), 201, { trips: 1, read: 20, written: 14 });
    await expectCost(post(), 201, { trips: 1, read: 20, written: 0 });
  });

  test.each([
    ['of the VIN alone', { ...ticketUpdate, vin: 'JH4KA7630PC007641' }],
    ['that takes the VIN away', { ...ticketUpdate, vin: null }],
    [
      'of every value',
      {
        ...ticketUpdate,
        voucher_code: null,
        vehicle_model_id: 1,
        preparer_external_reference: 'other',
      },
    ],
  ])('PUT %s: 1 trip, 14 rows read, 9 written, and none if it is repeated', async (_what, body) => {
    const conditions: Record<string, string>[] = [{}, { 'if-match': '*' }];
    for (const [n, headers] of conditions.entries()) {
      const put = (i: number) =>
        api.request('PUT', ticketPath(nth(i + 20 * n).id), { as: partner, body, headers });
      for (const i of [5, 6]) {
        await expectCost(put(i), 200, { trips: 1, read: 14, written: 9 });
        await expectCost(put(i), 200, { trips: 1, read: 9, written: 0 });
      }
    }
  });

  test('pick-up with one line: 1 trip, 36 rows read, 22 written', async () => {
    const body = { customer_id: newTicket.customer_id };
    const pickUp = (i: number) => api.post(`${ticketPath(nth(i).id)}/pick-up`, partner, body);
    const budget = { trips: 1, read: 36, written: 22 };
    await expectCost(pickUp(6), 201, budget);
    await expectCost(pickUp(7), 201, budget);
    await expectCost(pickUp(7), 200, { ...budget, written: 0 });
    await expectCost(pickUp(5), 409, { ...budget, written: 0 });
  });

  test('readiness: 1 trip, 3 rows', async () => {
    const readiness = api.get(`${ticketPath(nth(6).id)}/readiness`, partner);
    await expectCost(readiness, 200, { trips: 1, read: 3, written: 0 });
  });

  test('PUT under an old tag: 1 trip, 10 rows read, none written', async () => {
    const options = { as: partner, body: ticketUpdate, headers: { 'if-match': '"1-9"' } };
    const put = api.request('PUT', ticketPath(nth(1).id), options);
    await expectCost(put, 412, { trips: 1, read: 10, written: 0 });
  });

  test('DELETE with one line: 1 trip, 28 rows read, 15 written', async () => {
    const budget = { trips: 1, read: 28, written: 15 };
    await expectCost(api.delete(ticketPath(nth(5).id), partner), 204, budget);
    await expectCost(api.delete(ticketPath(nth(6).id), partner), 204, budget);
  });

  // The budget is 28. A facet that the ticket joins or leaves costs up to 10 rows more.
  test.each<[string, number, number, object]>([
    ['of its product', 29, 37, { product_lines: [{ product_id: PRODUCT, quantity: 2 }] }],
    [
      'of another product, and every value',
      42,
      40,
      {
        vin: null,
        voucher_code: null,
        vehicle_model_id: 1,
        product_lines: [{ product_id: NOBODY, quantity: 2 }],
      },
    ],
    ['that is not sent', 24, 29, {}],
    ['that is taken away', 33, 36, { vin: 'JH4KA7630PC007641', product_lines: [] }],
  ])(
    'PUT by reference with one line %s: 1 trip, %d rows read with a VIN before, %d without, 18 written, and none if it is repeated',
    async (_what, readWithVin, readWithout, values) => {
      await env.DB.prepare(
        "UPDATE prepared_tickets SET preparer_external_reference = 'OWN_' || preparer_external_reference || '_' || ticket_number",
      ).run();
      const conditions: Record<string, string>[] = [{}, { 'if-match': '*' }];
      for (const [n, headers] of conditions.entries()) {
        const [withVin, without] = [nth(6 + 20 * n), nth(5 + 20 * n)];
        for (const [ticket, read] of [
          [withVin, readWithVin],
          [without, readWithout],
        ] as const) {
          const { preparer_external_reference: reference } = await (
            await api.get(ticketPath(ticket.id), partner)
          ).json<Ticket>();
          const { preparer_external_reference: _reference, ...body } = { ...newTicket, ...values };
          const path = referencePath(reference);
          const put = () => api.request('PUT', path, { as: partner, body, headers });
          await expectCost(put(), 200, { trips: 1, read, written: 18 });
          await expectCost(put(), 200, { trips: 1, read: 20, written: 0 });
        }
      }
    },
  );

  test('GET by reference with one line: 1 trip, 8 rows, and no line of several tickets', async () => {
    await env.DB.prepare('UPDATE prepared_tickets SET preparer_external_reference = ?')
      .bind('one')
      .run();
    const ids = 10;
    const get = (reference: string) => api.get(referencePath(reference), partner);
    await expectCost(get('one'), 409, { trips: 1, read: 2 * ids + 1, written: 0 });
    const put = api.put(referencePath('one'), partner, {
      ...ticketUpdate,
      ...newTicket,
      preparer_external_reference: 'one',
    });
    await expectCost(put, 409, { trips: 1, read: 60, written: 0 });
    const { id } = nth(7);
    await api.put(ticketPath(id), partner, ticketUpdate);
    const own = ticketUpdate.preparer_external_reference;
    await expectCost(get(own), 200, { trips: 1, read: 8, written: 0 });
    await expectCost(api.delete(referencePath(own), partner), 204, {
      trips: 1,
      read: 39,
      written: 17,
    });
  });

  test('a line: 1 trip each, and none written if it is put again', async () => {
    const path = linesPath(nth(2).id, PRODUCT);
    await expectCost(api.get(path, partner), 200, { trips: 1, read: 4, written: 0 });
    const put = () => api.put(path, partner, { quantity: 2 });
    await expectCost(put(), 200, { trips: 1, read: 18, written: 6 });
    await expectCost(put(), 200, { trips: 1, read: 14, written: 0 });
    await expectCost(api.delete(path, partner), 204, { trips: 1, read: 18, written: 9 });
  });

  test('a new line: 1 trip, 24 rows read with one line, one more for each further line, 10 written', async () => {
    const { id } = nth(2);
    for (let lines = 1; lines < 50; lines++) {
      const put = api.put(linesPath(id, crypto.randomUUID()), partner, { quantity: 2 });
      await expectCost(put, 201, { trips: 1, read: 23 + lines, written: 10 });
    }
  });
});

test.each([
  ['', '', 110],
  [' of one type', '&type=client.updated', 110],
  [' of two types', '&type=client.updated,api_key.updated', 115],
  [' of two types that never occur', '&type=client.deleted,api_key.deleted', 115],
  [' of all types by name', `&type=${eventTypes}`, 130],
])('a page of 100 events%s: 1 trip', async (_what, type, read) => {
  const first = `/v2/system/events?limit=100${type}`;
  const { next } = await (await api.get(first, partner)).json<{ next: string }>();
  for (const path of [first, `${first}&after=${next}`]) {
    await expectCost(api.get(path, partner), 200, { trips: 1, read, written: 0 });
  }
});

describe('a batch of 500', () => {
  const BATCH = 500;
  const items = (values: (i: number) => object) =>
    Array.from({ length: BATCH }, (_, i) => ({ ...newTicket, ...values(i) }));
  const uuidOf = (i: number) => `33333333-3333-4333-8333-${String(i).padStart(12, '0')}`;

  test.each([
    ['of 500 new customers', items((i) => ({ customer_id: uuidOf(i) })), {}],
    ['without a VIN', items((i) => ({ customer_id: uuidOf(i), vin: null })), {}],
    ['with a key', items((i) => ({ customer_id: uuidOf(i) })), { 'idempotency-key': '"a batch"' }],
    ['of one customer', items(() => ({})), {}],
  ])('%s: 1 trip, 12 rows read and 10 written for each ticket', async (_what, body, headers) => {
    const sent = () =>
      api.request('POST', BATCHES, { as: partner, body: { prepared_tickets: body }, headers });
    await expectCost(sent(), 201, { trips: 1, read: 12 * BATCH, written: 10 * BATCH });
    if ('idempotency-key' in headers) {
      await expectCost(sent(), 201, { trips: 1, read: 18, written: 0 });
    }
  });

  test('with one line each: 1 trip', async () => {
    const prepared_tickets = items((i) => ({
      customer_id: uuidOf(i),
      product_lines: [{ product_id: PRODUCT, quantity: 1 }],
    }));
    const sent = api.post(BATCHES, partner, { prepared_tickets });
    await expectCost(sent, 201, { trips: 1, read: 16 * BATCH, written: 13 * BATCH });
  });
});

describe('a sync of 500', () => {
  const SYNC = 500;
  /** The rows that a sync reads once, however many orders it has. One that changes something writes some, too. */
  const ONCE = { read: 60, written: 10 };
  const line = (product_id: string, quantity = 1) => [{ product_id, quantity }];
  const uuidOf = (i: number) => `33333333-3333-4333-8333-${String(i).padStart(12, '0')}`;

  /** Syncs 500 orders of as many customers, and expects at most these rows for each. */
  async function expectRows(values: object, read: number, written: number): Promise<void> {
    const prepared_tickets = Array.from({ length: SYNC }, (_, i) => ({
      ...newTicket,
      customer_id: uuidOf(i),
      preparer_external_reference: `SYNC_${i}`,
      ...values,
    }));
    await expectCost(api.post(SYNCS, partner, { prepared_tickets }), 200, {
      trips: 1,
      read: read * SYNC + ONCE.read,
      written: written && written * SYNC + ONCE.written,
    });
  }

  test('with one line each: 1 trip, and for each order 8 rows read if it is unchanged, else 30, and 14 written', async () => {
    await expectRows({ product_lines: line(PRODUCT) }, 16, 13);
    await expectRows({ product_lines: line(PRODUCT) }, 8, 0);
    await expectRows({}, 8, 0);
    await expectRows({ product_lines: line(PRODUCT, 2) }, 30, 14);
    await expectRows({ vin: null, vehicle_model_id: 1, product_lines: line(NOBODY) }, 30, 14);
    await expectRows({ vin: null, vehicle_model_id: 2 }, 30, 14);
    await expectRows({ vehicle_model_id: 2, product_lines: [] }, 30, 14);
    await expectRows({ product_lines: line(PRODUCT) }, 30, 14);
    await expectRows({ deleted: true }, 31, 14);
    await expectRows({ deleted: true }, 3, 0);
  });

  test('without lines: 1 trip, 12 rows read and 10 written for each new order, and 8 read if it is unchanged', async () => {
    await expectRows({}, 12, 10);
    await expectRows({}, 8, 0);
    await expectRows({ customer_id: NOBODY }, 8, 0);
  });
});

test.each([
  [clients, 'client_id'],
  [apiKeys, 'api_key_id'],
] as const)(
  'GET of $names: 1 trip, and a row for each secret that rotations replaced',
  async (kind, owner) => {
    const RETIRED = 50;
    const made = await kind.make(api, partner);
    const before = { trips: 1, read: 8, written: 0 };
    await expectCost(api.get(kind.path, partner), 200, before);
    await env.DB.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
       INSERT INTO retired_secrets (sha256, ${owner}, retired_at, expires_at)
       SELECT format('%064d', i), ?2, 0, i FROM n`,
    )
      .bind(RETIRED, made.id)
      .run();
    const after = { ...before, read: before.read + RETIRED };
    await expectCost(api.get(kind.path, partner), 200, after);
    await expectCost(api.get(kind.pathOf(made), partner), 200, after);
  },
);

describe('refused credentials', () => {
  test.each([
    ['a malformed key', async () => ({ ...(await partner.headers(api)), 'x-api-key': 'x' })],
    [
      'a bad token',
      async () => ({ ...(await partner.headers(api)), authorization: 'Bearer a.b.c' }),
    ],
    ['none', async () => ({})],
  ])('%s: no trip', async (_what, headers) => {
    const sent = api.request('GET', TICKETS, { headers: await headers() });
    await expectCost(sent, 401, { trips: 0, read: 0, written: 0 });
  });

  // D1 reports no rows for a call that failed, and the gate fails. `test/auth/gate.repository.test.ts` counts its rows.
  const budget = { trips: 1, read: 0, written: 0 };
  const disabled = { disabled: true };
  const withKey = (made: Made) => apiKeys.caller(partner, made);
  const withClient = (made: Made) => clients.caller(partner, made);

  async function ended(kind: CredentialKind): Promise<Made> {
    const made = await kind.make(api, partner);
    await kind.change(api, partner, made, { expires_at: new Date(START).toISOString() });
    return made;
  }

  test.each<[string, () => Promise<TestPartner>]>([
    ['an unknown key', async () => withKey({ id: '', secret: newApiKey('test') })],
    ['a disabled key', async () => withKey(await apiKeys.make(api, partner, disabled))],
    ['a key that has ended', async () => withKey(await ended(apiKeys))],
    [
      'a key whose overlap is over',
      async () => {
        const key = await apiKeys.make(api, partner);
        await apiKeys.rotate(api, partner, key, 60);
        api.now += 60_000;
        return withKey(key);
      },
    ],
    ['a disabled client', async () => withClient(await clients.make(api, partner, disabled))],
    ['a client that has ended', async () => withClient(await ended(clients))],
    ['an unknown client', async () => withClient({ id: crypto.randomUUID(), secret: '' })],
  ])('%s: 1 trip', async (_what, prepare) => {
    const as = await prepare();
    await expectCost(api.get(TICKETS, as), 401, budget);
    await expectCost(api.get(apiKeys.path, as), 401, budget);
  });

  test('the key of another partner: 1 trip, good or not', async () => {
    const other = await makePartner({ home: homeOf(partner) });
    await expectCost(api.get(TICKETS, withKey(apiKeys.usedBy(other))), 403, budget);
    const bad = await apiKeys.make(api, other, disabled);
    await expectCost(api.get(TICKETS, withKey(bad)), 401, budget);
  });

  test('at the token endpoint: 1 trip, 1 row', async () => {
    const { id: clientId, secret: clientSecret } = await clients.make(api, partner, disabled);
    const wrong = { ...partner, clientSecret: newClientSecret(homes[0]) };
    const unknown = { ...partner, clientId: crypto.randomUUID() };
    const rotated = await clients.make(api, partner);
    for (let i = 0; i < 5; i++) {
      await clients.rotate(api, partner, rotated, 60);
    }
    const wrongBesideOld = { ...wrong, clientId: rotated.id };
    for (const client of [wrong, unknown, wrongBesideOld]) {
      await expectCost(requestToken(api, basic(client)), 401, { ...budget, read: 1 });
    }
    const sent = requestToken(api, basic({ clientId, clientSecret }));
    await expectCost(sent, 400, { ...budget, read: 1 });
  });
});

test('good credentials: 2 rows in the trip of the first request, and none after it', async () => {
  const isolate = new TestApi();
  isolate.now = api.now;
  const get = () => isolate.get(ticketPath(nth(3).id), partner);
  await expectCost(get(), 200, { trips: 1, read: 3 + 2, written: 0 });
  await expectCost(get(), 200, { trips: 1, read: 3, written: 0 });
});

describe('picked-up tickets: 1 trip', () => {
  const get = (query: string) => api.get(`${PICKED_UP}?${query}`, partner);
  const iso = (days: number) => new Date(START + days * 24 * HOUR).toISOString();
  const period = `picked_up_after=${iso(2.2)}&picked_up_before=${iso(8.7)}`;
  const customer = `customer_id=${newTicket.customer_id}`;
  /** Tickets of the parts at both ends of a period, which are counted one by one. */
  const ends = 2 * (TICKETS_PER_PART + 4);

  beforeEach(() =>
    env.DB.batch([
      env.DB.prepare(
        `INSERT INTO tickets (ticket_number, id, partner_id, created_at, customer_id, vehicle_model_id, vin,
           preparer_external_reference, picked_up_at)
         SELECT ticket_number, id, partner_id, created_at, customer_id, vehicle_model_id, vin,
           preparer_external_reference, created_at FROM prepared_tickets`,
      ),
      ...recountPickedUp(),
    ]),
  );

  test('GET: 3 rows', () =>
    expectCost(api.get(pickedUpPath(nth(3).id), partner), 200, { trips: 1, read: 3, written: 0 }));

  test.each([
    ['ticket_number', () => `ticket_number=${nth(3).ticket_number}`, 1],
    ['preparer_external_reference', () => 'preparer_external_reference=REFERENCE_3', 3],
  ])('by %s: 10 rows and 3 for each match', async (_filter, query, matches) => {
    await expectCost(get(query()), 200, { trips: 1, read: 10 + 3 * matches, written: 0 });
  });

  test.each([
    ['', 0],
    [period, ends],
    [customer, 0],
    [`${customer}&${period}`, ends],
  ])('list with %s: the page, its part and the buckets', async (query, more) => {
    const first = { trips: 1, read: 25 + ofBuckets(1) + more, written: 0 };
    await expectCost(get(query), 200, first);
    const any = 12 + 25 + TICKETS_PER_PART + ofBuckets(6) + 1.5 * more;
    await expectCost(get(`${query}&offset=800`.replace(/^&/, '')), 200, {
      ...first,
      read: any,
    });
  });
});

describe('lists: 1 trip', () => {
  test.each([
    ['ticket_number', () => `ticket_number=${nth(3).ticket_number}`, 1],
    ['vin', () => `vin=${nth(3).vin}`, 2],
    ['preparer_external_reference', () => 'preparer_external_reference=REFERENCE_3', 3],
    ['preparer_external_reference of none', () => 'preparer_external_reference=x', 0],
  ])('by %s: 10 rows and 3 for each match', async (_filter, query, matches) => {
    const sent = list(query());
    expect((await (await sent).clone().json<{ total: number }>()).total).toBe(matches);
    await expectCost(sent, 200, { trips: 1, read: 10 + 3 * matches, written: 0 });
  });

  const counted: [string, number][] = [
    ['', 1],
    [`customer_id=${newTicket.customer_id}`, 1],
    [`product_id=${PRODUCT}`, 2],
    ['vin=', 1],
  ];
  const period = `created_after=${new Date(START + 2.2 * 24 * HOUR).toISOString()}&created_before=${new Date(START + 8.7 * 24 * HOUR).toISOString()}`;

  describe.each(counted)('of what is counted, %s', (filter, rowsOfOne) => {
    /** Tickets of the parts at both ends of a period, which are counted one by one. */
    const ends = 2 * (TICKETS_PER_PART + 4);

    test.each([
      ['', 0],
      [period, ends],
    ])('first page of 25 %s: the page and its buckets', async (bounds, more) => {
      const read = 25 * rowsOfOne + ofBuckets(1) + more;
      await expectCost(list(`${filter}&${bounds}&limit=25`), 200, { trips: 1, read, written: 0 });
    });

    test.each([
      ['', 5, 0],
      ['', 20, 0],
      [period, 7, 1.5 * ends],
    ])(
      'at an offset %s %d: the page, its part and the buckets before',
      async (bounds, offset, more) => {
        const read =
          12 + (5 + Math.min(offset, TICKETS_PER_PART)) * rowsOfOne + ofBuckets(6) + more;
        const sent = list(`${filter}&${bounds}&limit=5&offset=${offset}`);
        await expectCost(sent, 200, { trips: 1, read, written: 0 });
      },
    );

    test('limit=0: only the buckets', async () => {
      await expectCost(list(`${filter}&limit=0`), 200, {
        trips: 1,
        read: ofBuckets(1),
        written: 0,
      });
    });
  });

  test('of two filters: by the matches of the most selective one', async () => {
    const query = `preparer_external_reference=REFERENCE_3&customer_id=${newTicket.customer_id}&product_id=${PRODUCT}`;
    // Three matches, each with its lines, beside the counts that the choice looks at.
    await expectCost(list(query), 200, { trips: 1, read: 30 + 4 * ofBuckets(1), written: 0 });
  });
});
