import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { START, TestApi, TICKETS } from '../../../support/api.ts';
import { allRows } from '../../../support/d1.ts';
import { api, makeApiAndPartner, partner, useApi } from '../../../support/each-test.ts';
import { expectExactCounts } from '../../../support/naive-list.ts';
import { makePartner, type TestPartner } from '../../../support/partners.ts';
import {
  linesPath,
  listTickets,
  newTicket,
  PRODUCT,
  putLine,
  type Ticket,
  ticketPath,
  ticketUpdate,
} from '../../../support/tickets.ts';

const DAY = 24 * 60 * 60 * 1000;
const KEY = '"8e03978e-40d5-43e8-bc93-6894a57f9324"';

beforeEach(makeApiAndPartner);

afterEach(() => expectExactCounts());

interface Post {
  readonly key?: string;
  readonly as?: TestPartner;
  readonly body?: unknown;
}

const post = ({ key = KEY, as = partner, body = newTicket }: Post = {}) =>
  api.request('POST', TICKETS, { as, body, headers: { 'idempotency-key': key } });

/** All that a retry must give again, byte for byte. */
async function answerOf(response: Response) {
  return {
    status: response.status,
    body: await response.clone().text(),
    etag: response.headers.get('etag'),
    location: response.headers.get('location'),
    type: response.headers.get('content-type'),
  };
}

const ticketOf = (response: Response) => response.clone().json<Ticket>();
const total = async (as = partner) => (await listTickets(api, as)).total;

/** Holds a retry against the first answer. */
async function expectReplay(made: Response, again: Response) {
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(await answerOf(again)).toEqual(await answerOf(made));
}

describe('a repeated request with the same Idempotency-Key', () => {
  test('returns the first response again with Idempotent-Replayed', async () => {
    const made = await post();
    expect(made.status).toBe(201);
    expect(made.headers.has('idempotent-replayed')).toBe(false);
    expect(made.headers.get('etag')).toBe('"1-1"');
    api.now += 5000;
    const before = await allRows();
    await expectReplay(made, await post());
    expect(await allRows()).toEqual(before);
    expect(await total()).toBe(1);
  });

  test('is recognised in another isolate', async () => {
    const made = await post();
    useApi(new TestApi());
    api.now += 1;
    await expectReplay(made, await post());
  });

  test('returns the first response even after the ticket was changed, and keeps the change', async () => {
    const made = await post();
    const { id } = await ticketOf(made);
    await api.put(ticketPath(id), partner, {
      ...ticketUpdate,
      vin: null,
      voucher_code: 'CHANGED1',
    });
    await putLine(api, partner, id, PRODUCT);
    await expectReplay(made, await post());
    const now = await api.get(ticketPath(id), partner);
    expect(now.headers.get('etag')).toBe('"1-3"');
    expect(await now.json()).toMatchObject({ vin: null, voucher_code: 'CHANGED1' });
    expect((await api.get(linesPath(id, PRODUCT), partner)).status).toBe(200);
  });

  test('returns the first response even after the ticket was deleted, and creates no new one', async () => {
    const made = await post();
    const { id } = await ticketOf(made);
    await api.delete(ticketPath(id), partner);
    await expectReplay(made, await post());
    expect((await api.get(ticketPath(id), partner)).status).toBe(404);
    expect(await total()).toBe(0);
  });

  test.each([
    ['members in another order', Object.fromEntries(Object.entries(newTicket).reverse())],
    ['white space between members', JSON.stringify(newTicket, null, 2)],
    ['read-only members, which are ignored', { ...newTicket, id: null, ticket_number: 7 }],
    ['a VIN in lower case', { ...newTicket, vin: newTicket.vin.toLowerCase() }],
  ])('is recognised if the body has an equivalent spelling: %s', async (_what, body) => {
    await expectReplay(await post(), await post({ body }));
  });

  test('is recognised if voucher_code is omitted instead of null', async () => {
    const { voucher_code: _voucher, ...body } = newTicket;
    await expectReplay(await post({ body }), await post({ body: { ...body, voucher_code: null } }));
  });
});

describe('the same Idempotency-Key with another request', () => {
  test.each([
    ['customer_id', { ...newTicket, customer_id: crypto.randomUUID() }],
    ['vehicle_model_id', { ...newTicket, vehicle_model_id: 1 }],
    ['vin', { ...newTicket, vin: null }],
    ['voucher_code', { ...newTicket, voucher_code: null }],
    ['preparer_external_reference', { ...newTicket, preparer_external_reference: 'other' }],
  ])('returns 422 for another %s and writes nothing', async (_member, body) => {
    const made = await post();
    const before = await allRows();
    const refused = await post({ body });
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({
      type: '/problems/idempotency-key-reused',
      title: 'Idempotency key reused',
    });
    expect(refused.headers.has('etag')).toBe(false);
    expect(await allRows()).toEqual(before);
    await expectReplay(made, await post());
  });

  test('returns 422 even after the ticket was deleted', async () => {
    const { id } = await ticketOf(await post());
    await api.delete(ticketPath(id), partner);
    expect((await post({ body: { ...newTicket, vin: null } })).status).toBe(422);
  });
});

describe('an Idempotency-Key', () => {
  test('is independent of the keys of other partners', async () => {
    const other = await makePartner();
    const mine = await post();
    const theirs = await post({ as: other, body: { ...newTicket, vin: null } });
    expect(theirs.status).toBe(201);
    expect(theirs.headers.has('idempotent-replayed')).toBe(false);
    expect((await ticketOf(theirs)).id).not.toBe((await ticketOf(mine)).id);
    expect([await total(), await total(other)]).toEqual([1, 1]);
  });

  test('is stored for 24 hours and can then be used again', async () => {
    const made = await post();
    api.now = START + DAY - 1;
    await expectReplay(made, await post());
    api.now = START + DAY;
    const next = await post({ body: { ...newTicket, vin: null } });
    expect(next.status).toBe(201);
    expect(next.headers.has('idempotent-replayed')).toBe(false);
    expect(await total()).toBe(2);
    api.now = START + 2 * DAY - 1;
    await expectReplay(next, await post({ body: { ...newTicket, vin: null } }));
    expect((await post()).status).toBe(422);
  });

  test('is not stored for a rejected request', async () => {
    const headers = { 'idempotency-key': KEY };
    const refusals = [
      await post({ body: { ...newTicket, vin: 'short' } }),
      await post({ body: '{' }),
      await api.request('POST', TICKETS, { body: newTicket, headers }),
      await api.request('POST', TICKETS, {
        body: newTicket,
        headers: { ...headers, ...(await partner.headers(api, ['prepared-tickets:read'])) },
      }),
      await api.request('POST', TICKETS, {
        as: partner,
        body: newTicket,
        headers: { ...headers, 'content-type': 'text/plain' },
      }),
    ];
    expect(refusals.map(({ status }) => status)).toEqual([400, 400, 401, 403, 415]);
    expect((await allRows()).idempotency_keys).toEqual([]);
    const made = await post();
    expect(made.status).toBe(201);
    expect(made.headers.has('idempotent-replayed')).toBe(false);
  });

  test('is optional: without one, each request creates a ticket', async () => {
    await api.post(TICKETS, partner, newTicket);
    await api.post(TICKETS, partner, newTicket);
    expect(await total()).toBe(2);
    expect((await allRows()).idempotency_keys).toEqual([]);
  });
});

describe('concurrent requests', () => {
  test('create one ticket with the same key, and all 50 return it', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => post()));
    const made = answers.filter(({ headers }) => !headers.has('idempotent-replayed'));
    expect(made).toHaveLength(1);
    const expected = await answerOf(made[0] as Response);
    expect(expected.status).toBe(201);
    expect(await Promise.all(answers.map(answerOf))).toEqual(answers.map(() => expected));
    const { results } = await env.DB.prepare('SELECT id FROM prepared_tickets').all();
    expect(results).toEqual([{ id: (JSON.parse(expected.body) as Ticket).id }]);
  });

  test('with the same key and five bodies create one ticket, and those with other bodies are rejected', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        post({ body: { ...newTicket, vehicle_model_id: i % 5 } }),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(10);
    expect(statuses.filter((status) => status === 422)).toHaveLength(40);
    expect(await total()).toBe(1);
  });

  test('create 50 tickets with 50 keys', async () => {
    const keys = Array.from({ length: 50 }, () => crypto.randomUUID());
    const made = await Promise.all(keys.map((key) => post({ key })));
    const again = await Promise.all(keys.map((key) => post({ key })));
    for (const [i, response] of made.entries()) {
      await expectReplay(response, again[i] as Response);
    }
    expect(await total()).toBe(50);
  });
});
