import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Database } from '../../../../src/db/client.ts';
import { ownedSql } from '../../../../src/db/owned.ts';
import { mayCreate } from '../../../../src/resources/tickets/prepared-tickets/quota.repository.ts';
import { START, TestApi, TICKETS } from '../../../support/api.ts';
import { itemsOf, type LenientBatch, sendBatch } from '../../../support/batches.ts';
import { runCron } from '../../../support/cron.ts';
import { allRows } from '../../../support/d1.ts';
import { stillWorld } from '../../../support/dependencies.ts';
import {
  api,
  makeApiAndPartner,
  makePartnerOf,
  partner,
  useApi,
} from '../../../support/each-test.ts';
import { retryAtOnce } from '../../../support/faults.ts';
import { FaultyD1 } from '../../../support/faulty-d1.ts';
import { databaseOf, homeOf } from '../../../support/homes.ts';
import { expectExactCounts } from '../../../support/naive-list.ts';
import { fill, makePartner, type TestPartner } from '../../../support/partners.ts';
import {
  createTicket,
  linesPath,
  listTickets,
  newTicket,
  PRODUCT,
  putLine,
  referencePath,
  type Ticket,
  ticketPath,
  ticketUpdate,
} from '../../../support/tickets.ts';

const QUOTA = 3;
const key = '"one key"';

beforeEach(makeApiAndPartner);

afterEach(() => expectExactCounts());

/** Runs the tasks of the cron trigger. */
const runTasks = () => runCron({ ...stillWorld, now: () => api.now });

async function setQuota(quota: number, { partnerId }: TestPartner = partner) {
  await databaseOf({ partnerId })
    .prepare('UPDATE partners SET max_prepared_tickets = ? WHERE id = ?')
    .bind(quota, partnerId)
    .run();
}

const create = (values: object = {}, headers: Record<string, string> = {}) =>
  api.request('POST', TICKETS, { as: partner, body: { ...newTicket, ...values }, headers });

const createWithKey = () => create({}, { 'idempotency-key': key });

const putBy = (reference: string, headers: Record<string, string> = {}) => {
  const { preparer_external_reference: _reference, ...body } = newTicket;
  const product_lines = [{ product_id: PRODUCT, quantity: 1 }];
  const path = referencePath(reference);
  return api.request('PUT', path, { as: partner, body: { ...body, product_lines }, headers });
};

/** Expects the problem of the quota, and that the request wrote nothing. */
async function expectRefused(send: () => Promise<Response>): Promise<void> {
  const before = await allRows();
  const response = await send();
  expect(response.status).toBe(409);
  expect(await response.json()).toMatchObject({ type: '/problems/ticket-quota-exceeded' });
  expect(await allRows()).toEqual(before);
}

/** What a replay must return again. */
const answerOf = async (response: Response) => ({
  status: response.status,
  body: await response.text(),
});

describe('a partner that has as many prepared tickets as its quota', () => {
  beforeEach(() => fill(partner));

  test('creates no ticket, with and without a key', async () => {
    await expectRefused(() => create());
    await expectRefused(createWithKey);
  });

  test('creates no batch', async () => {
    await expectRefused(() => sendBatch(api, partner, itemsOf(3)));
    await expectRefused(() => sendBatch(api, partner, itemsOf(3), { key }));
  });

  test('creates no ticket by reference, with and without a key', async () => {
    await expectRefused(() => putBy('new'));
    await expectRefused(() => putBy('new', { 'idempotency-key': key }));
    await expectRefused(() => putBy('new', { 'if-none-match': '*' }));
  });

  test('gets the violations of a request before the quota is looked at', async () => {
    expect((await create({ vin: 'short' })).status).toBe(400);
    expect((await sendBatch(api, partner, [newTicket, {}])).status).toBe(400);
  });

  test('gets a 412 for a PUT by reference with If-Match, which would create nothing', async () => {
    expect((await putBy('new', { 'if-match': '"1-1"' })).status).toBe(412);
  });

  test('does not keep another partner from creating tickets', async () => {
    expect((await api.post(TICKETS, await makePartner(), newTicket)).status).toBe(201);
  });

  test('can use the key of a refused creation when it may create again', async () => {
    await createWithKey();
    await sendBatch(api, partner, itemsOf(2), { key });
    await putBy('new', { 'idempotency-key': '"another key"' });
    await runTasks();
    for (const response of [
      await createWithKey(),
      await sendBatch(api, partner, itemsOf(2), { key }),
      await putBy('new', { 'idempotency-key': '"another key"' }),
    ]) {
      expect([response.status, response.headers.has('idempotent-replayed')]).toEqual([201, false]);
    }
  });
});

describe('everything but a creation goes on while the quota is reached', () => {
  let ticket: Ticket;

  beforeEach(async () => {
    ticket = await createTicket(api, partner);
    await putLine(api, partner, ticket.id, PRODUCT);
    await createTicket(api, partner, { preparer_external_reference: 'other' });
    await fill(partner);
  });

  test('reading, updating and deleting tickets and lines', async () => {
    const path = ticketPath(ticket.id);
    expect((await listTickets(api, partner)).total).toBe(2);
    expect((await api.put(path, partner, ticketUpdate)).status).toBe(200);
    expect(
      (await api.put(linesPath(ticket.id, crypto.randomUUID()), partner, { quantity: 1 })).status,
    ).toBe(201);
    expect((await api.delete(linesPath(ticket.id, PRODUCT), partner)).status).toBe(204);
    expect((await api.delete(path, partner)).status).toBe(204);
  });

  test('a pick-up', async () => {
    const customer = { customer_id: newTicket.customer_id };
    expect((await api.post(`${ticketPath(ticket.id)}/pick-up`, partner, customer)).status).toBe(
      201,
    );
    const picked = await putBy(newTicket.preparer_external_reference);
    expect(picked.status, 'a picked-up reference stays a 410').toBe(410);
  });

  test('the replacement of a ticket by its reference, with its lines, with and without a key', async () => {
    const plain = await putBy('other');
    const keyed = await putBy('other', { 'idempotency-key': key });
    const again = await putBy('other', { 'idempotency-key': key });
    expect([plain.status, keyed.status, again.status]).toEqual([200, 200, 200]);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect((await listTickets(api, partner)).total).toBe(2);
  });
});

describe('a creation from before the quota was reached', () => {
  test('is replayed, byte for byte, and writes nothing', async () => {
    const requests = [
      createWithKey,
      () => sendBatch(api, partner, itemsOf(3), { key }),
      () => sendBatch(api, partner, [...itemsOf(3), {}], { key: '"lenient"', isLenient: true }),
      () => putBy('new', { 'idempotency-key': '"another key"' }),
    ];
    const first = [];
    for (const send of requests) {
      first.push(await answerOf(await send()));
    }
    await fill(partner);
    const before = await allRows();
    for (const [i, send] of requests.entries()) {
      const again = await send();
      expect(again.headers.get('idempotent-replayed')).toBe('true');
      expect(await answerOf(again)).toEqual(first[i]);
    }
    expect(await allRows()).toEqual(before);
  });

  /** Sends a creation whose first attempt meets a fault, and whose partner is full before the second one. */
  async function sendWithFault(kind: 'before' | 'after', send: () => Promise<Response>) {
    retryAtOnce();
    const d1 = new FaultyD1();
    useApi(new TestApi({ DB: d1.db }));
    await env.DB.prepare('UPDATE partners SET full_at = NULL').run();
    await api.get(TICKETS, partner);
    d1.plan((call) => {
      if (call === 2) {
        void fill(partner);
      }
      return call === 1 ? kind : undefined;
    });
    return send();
  }

  const creations: [string, () => Promise<Response>][] = [
    ['a ticket', () => create()],
    ['a ticket with a key', createWithKey],
    ['a batch', () => sendBatch(api, partner, itemsOf(3))],
    ['a lenient batch', () => sendBatch(api, partner, itemsOf(3), { isLenient: true })],
  ];

  test.each([...creations, ['a ticket by reference', () => putBy('new')] as const])(
    'is confirmed when its answer was lost and the quota was reached meanwhile: %s',
    async (_what, send) => {
      const response = await sendWithFault('after', send);
      expect([200, 201]).toContain(response.status);
      expect(await response.text()).not.toContain('quota');
    },
  );

  test.each(creations)(
    'is refused when it did not take effect and the quota was reached meanwhile: %s',
    async (_what, send) => {
      const response = await sendWithFault('before', send);
      expect([200, 409]).toContain(response.status);
      expect(await response.text()).toContain('/problems/ticket-quota-exceeded');
      expect((await listTickets(api, partner)).total).toBe(0);
    },
  );
});

describe('a lenient batch beyond the quota', () => {
  const send = (id: string) =>
    api.request('POST', '/v2/tickets/prepared-ticket-batches', {
      as: partner,
      body: { prepared_tickets: [{ vin: 'short' }, ...itemsOf(2)] },
      headers: { prefer: 'handling=lenient', 'idempotency-key': key, 'x-request-id': id },
    });

  beforeEach(() => fill(partner));

  test('returns 200 with the violations of the invalid items and the whole problem of the valid ones', async () => {
    const response = await send('first');
    expect(response.status).toBe(200);
    expect(response.headers.get('preference-applied')).toBe('handling=lenient');
    const { result } = await response.json<LenientBatch>();
    const problem = {
      type: '/problems/ticket-quota-exceeded',
      title: 'Ticket quota exceeded',
      status: 409,
      detail: expect.stringContaining('quota'),
      request_id: 'first',
    };
    expect(result).toEqual([
      { status: 400, violations: expect.any(Array) },
      { status: 409, problem },
      { status: 409, problem },
    ]);
    expect((await listTickets(api, partner)).total).toBe(0);
    expect((await allRows()).events).toEqual([]);
  });

  test('is replayed byte for byte with its key, also when the partner may create again', async () => {
    const first = await answerOf(await send('first'));
    for (const again of [await send('second'), await runTasks().then(() => send('third'))]) {
      expect(again.headers.get('idempotent-replayed')).toBe('true');
      expect(await answerOf(again)).toEqual(first);
    }
    expect((await listTickets(api, partner)).total).toBe(0);
  });

  test('is created with another key when the partner may create again', async () => {
    await send('first');
    await runTasks();
    const made = await sendBatch(api, partner, itemsOf(2), { key: '"new"', isLenient: true });
    const { result } = await made.json<LenientBatch>();
    expect(result.map(({ status }) => status)).toEqual([201, 201]);
  });

  test('without a key, reports the id of each request', async () => {
    const headers = { 'x-request-id': 'mine', prefer: 'handling=lenient' };
    const body = { prepared_tickets: itemsOf(1) };
    const path = '/v2/tickets/prepared-ticket-batches';
    const response = await api.request('POST', path, { as: partner, body, headers });
    expect(await response.json()).toMatchObject({ result: [{ problem: { request_id: 'mine' } }] });
  });

  test('with a key that another batch used is refused', async () => {
    await send('first');
    expect((await sendBatch(api, partner, itemsOf(1), { key, isLenient: true })).status).toBe(422);
  });
});

describe('the quota', () => {
  const statuses = async (count: number) => {
    const all = await Promise.all(Array.from({ length: count }, () => create()));
    return all.map(({ status }) => status);
  };

  test('is noticed by the next scheduled run, so concurrent creations can exceed it until then', async () => {
    await setQuota(QUOTA);
    expect(await statuses(10)).toEqual(Array(10).fill(201));
    await runTasks();
    expect(await statuses(10)).toEqual(Array(10).fill(409));
    expect((await listTickets(api, partner)).total).toBe(10);
  });

  test('counts exactly: one ticket less does not reach it', async () => {
    await setQuota(QUOTA);
    await statuses(QUOTA - 1);
    await runTasks();
    expect(await statuses(1)).toEqual([201]);
    await runTasks();
    expect(await statuses(1)).toEqual([409]);
  });

  test('ends after the next scheduled run when enough tickets are deleted or picked up', async () => {
    await setQuota(2);
    const [deleted, pickedUp] = [
      await createTicket(api, partner),
      await createTicket(api, partner),
    ];
    await putLine(api, partner, pickedUp.id, PRODUCT);
    await runTasks();
    await api.delete(ticketPath(deleted.id), partner);
    expect(await statuses(1)).toEqual([409]);
    await runTasks();
    expect(await statuses(1)).toEqual([201]);
    await runTasks();
    expect(await statuses(1)).toEqual([409]);
    const customer = { customer_id: newTicket.customer_id };
    await api.post(`${ticketPath(pickedUp.id)}/pick-up`, partner, customer);
    await runTasks();
    expect(await statuses(1)).toEqual([201]);
  });

  test('of another partner changes nothing, and one of zero allows no ticket', async () => {
    const other = await makePartner();
    await setQuota(0, other);
    await runTasks();
    expect((await api.post(TICKETS, other, newTicket)).status).toBe(409);
    expect(await statuses(1)).toEqual([201]);
  });

  test('keeps the time at which it was reached', async () => {
    await setQuota(0);
    await runTasks();
    api.now += 300_000;
    await runTasks();
    const row = await env.DB.prepare('SELECT full_at FROM partners WHERE id = ?')
      .bind(partner.partnerId)
      .first();
    expect(row).toEqual({ full_at: START });
  });

  test('costs a partner that is not full no row, whichever other partners are full', async () => {
    const home = homeOf(partner);
    const older = await makePartner({ home });
    await makePartnerOf(api, { home });
    const newer = await makePartner({ home });
    const ask = async ({ partnerId }: TestPartner) => {
      const db = new Database(env.DB, undefined, 10_000);
      const { asked } = await db.read({
        asked: ownedSql<{ may: 0 | 1 }>`SELECT ${mayCreate(partnerId)} AS may`,
      });
      return [asked[0]?.may, db.cost.rowsRead];
    };
    expect(await ask(partner)).toEqual([1, 0]);
    await fill(older);
    await fill(newer);
    expect(await ask(partner)).toEqual([1, 0]);
    expect(await ask(newer)).toEqual([0, 1]);
  });
});
