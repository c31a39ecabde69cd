import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { eventTypes } from '../../../../src/db/events.ts';
import { BATCHES, START, TestApi, TICKETS } from '../../../support/api.ts';
import { kinds } from '../../../support/credentials.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import { EVENTS, followEvents, readEvents, summaryOf } from '../../../support/events.ts';
import { makePartner } from '../../../support/partners.ts';
import {
  createTicket,
  linesPath,
  newTicket,
  PRODUCT,
  referencePath,
  type Ticket,
  ticketPath,
  ticketUpdate,
} from '../../../support/tickets.ts';

beforeEach(makeApiAndPartner);

const key = { 'idempotency-key': '"one"' };

describe('one change, one event', () => {
  test('records a ticket from its creation to its deletion, and no request that changes nothing', async () => {
    const { id, ticket_number } = await createTicket(api, partner);
    const preparer_external_reference = 'ORDER-2';
    for (const vin of [null, null]) {
      await api.put(ticketPath(id), partner, { ...ticketUpdate, vin, preparer_external_reference });
    }
    for (const quantity of [1, 2, 2]) {
      await api.put(linesPath(id, PRODUCT), partner, { quantity });
    }
    await api.delete(linesPath(id, PRODUCT), partner);
    await api.delete(ticketPath(id), partner);
    const { result, next } = await readEvents(api, partner);
    const old = { preparer_external_reference: newTicket.preparer_external_reference };
    const ticket = { type: 'prepared_ticket', id, ticket_number, preparer_external_reference };
    const line = { ...ticket, type: 'product_line', id: PRODUCT, prepared_ticket_id: id };
    expect(result.map(({ type, subject }) => ({ type, subject }))).toEqual([
      { type: 'prepared_ticket.created', subject: { ...ticket, ...old, version: 1 } },
      { type: 'prepared_ticket.updated', subject: { ...ticket, version: 2 } },
      // The version of a line follows that of its ticket.
      { type: 'product_line.put', subject: { ...line, version: 6 } },
      { type: 'product_line.put', subject: { ...line, version: 9 } },
      { type: 'product_line.deleted', subject: { ...line, version: 9 } },
      // Each event of a line raised the version of the ticket.
      { type: 'prepared_ticket.deleted', subject: { ...ticket, version: 5 } },
    ]);
    expect(result.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const { actor, created_at } of result) {
      expect(actor).toEqual({ client_id: partner.clientId });
      expect(created_at).toBe(new Date(START).toISOString());
    }
    expect(new Set(result.map((event) => event.id)).size).toBe(6);
    expect((await readEvents(api, partner, { after: next })).result).toEqual([]);
  });

  test('records each ticket of a batch once, in the order of the items, and none of its lines', async () => {
    const item = { ...newTicket, product_lines: [{ product_id: PRODUCT, quantity: 1 }] };
    const body = {
      prepared_tickets: ['A', '', 'C'].map((preparer_external_reference, i) => ({
        ...(i === 1 ? newTicket : item),
        preparer_external_reference,
      })),
    };
    const created = await api.request('POST', BATCHES, { as: partner, body, headers: key });
    const { result } = await created.json<{ result: Ticket[] }>();
    await api.request('POST', BATCHES, { as: partner, body, headers: key });
    const events = await followEvents(api, partner);
    expect(events.map(({ type, subject }) => ({ type, subject }))).toEqual(
      result.map(({ id, ticket_number, preparer_external_reference }) => ({
        type: 'prepared_ticket.created',
        subject: {
          ...{ type: 'prepared_ticket', id, ticket_number, version: 1 },
          preparer_external_reference,
        },
      })),
    );
    expect(new Set(events.map((event) => event.id)).size).toBe(3);
  });

  test('records creation, replacement and deletion by reference as one event each', async () => {
    const path = referencePath('ORDER-1');
    const { preparer_external_reference: _reference, ...members } = newTicket;
    const lines = (quantity: number) => [{ product_id: PRODUCT, quantity }];
    const first = await api.put(path, partner, { ...members, product_lines: lines(1) });
    const { id } = await first.json<Ticket>();
    await api.put(path, partner, { ...members, product_lines: lines(2) });
    await api.put(path, partner, { ...members, vin: null, product_lines: [] });
    await api.delete(path, partner);
    const { result } = await readEvents(api, partner);
    for (const { subject } of result) {
      expect(subject.preparer_external_reference).toBe('ORDER-1');
    }
    expect(result.map(({ type, subject }) => `${type} ${subject.id} ${subject.version}`)).toEqual([
      `prepared_ticket.created ${id} 1`,
      `prepared_ticket.updated ${id} 2`,
      `prepared_ticket.updated ${id} 3`,
      `prepared_ticket.deleted ${id} 3`,
    ]);
  });

  test.each(kinds)(
    'records each change of $names, without their names and secrets',
    async (kind) => {
      const made = await kind.make(api, partner, { name: 'Very private' });
      await kind.change(api, partner, made, { disabled: true });
      await kind.rotate(api, partner, made, 0);
      await api.delete(kind.pathOf(made), partner);
      const response = await api.get(EVENTS, partner);
      expect(await response.clone().text()).not.toMatch(/private|secret|pts_|ptk_/i);
      const { result } = await response.json<{ result: { type: string; subject: object }[] }>();
      const type = kind.name === 'client' ? 'client' : 'api_key';
      expect(result.map(({ type: what, subject }) => ({ what, subject }))).toEqual([
        { what: `${type}.created`, subject: { type, id: made.id, version: 1 } },
        { what: `${type}.updated`, subject: { type, id: made.id, version: 2 } },
        { what: `${type}.rotated`, subject: { type, id: made.id, version: 3 } },
        { what: `${type}.deleted`, subject: { type, id: made.id, version: 3 } },
      ]);
    },
  );

  test('names the reference of a ticket that is picked up', async () => {
    const item = { ...newTicket, product_lines: [{ product_id: PRODUCT, quantity: 1 }] };
    const put = await api.put(referencePath(newTicket.preparer_external_reference), partner, item);
    const { id, customer_id } = await put.json<Ticket>();
    await api.post(`${ticketPath(id)}/pick-up`, partner, { customer_id });
    const { result } = await readEvents(api, partner, { type: 'prepared_ticket.picked_up' });
    const { preparer_external_reference } = newTicket;
    expect(result).toMatchObject([{ subject: { id, preparer_external_reference } }]);
  });

  test('has null as the reference in events from before it was recorded', async () => {
    const { id } = await createTicket(api, partner);
    await api.put(linesPath(id, PRODUCT), partner, { quantity: 1 });
    await env.DB.prepare('UPDATE events SET preparer_external_reference = NULL').run();
    const { result } = await readEvents(api, partner);
    expect(result.map(({ subject }) => subject.preparer_external_reference)).toEqual([null, null]);
  });

  test('contains no VIN, voucher code or customer', async () => {
    const { id } = await createTicket(api, partner);
    await api.delete(ticketPath(id), partner);
    const text = await (await api.get(EVENTS, partner)).text();
    const { vin, voucher_code, customer_id } = newTicket;
    for (const value of [vin, voucher_code, customer_id]) {
      expect(text).not.toContain(value);
    }
  });
});

describe('what changes nothing has no event', () => {
  test.each<[string, number, (ticket: Ticket) => Promise<Response>]>([
    ['a body that breaks a rule', 400, () => api.post(TICKETS, partner, {})],
    ['an unknown ticket', 404, () => api.delete(ticketPath(crypto.randomUUID()), partner)],
    ['a line that is not there', 404, ({ id }) => api.delete(linesPath(id, PRODUCT), partner)],
    [
      'an old entity tag of an update',
      412,
      ({ id }) =>
        api.request('PUT', ticketPath(id), {
          as: partner,
          body: ticketUpdate,
          headers: { 'if-match': '"1-9"' },
        }),
    ],
    [
      'an old entity tag of a deletion',
      412,
      ({ id }) =>
        api.request('DELETE', ticketPath(id), { as: partner, headers: { 'if-match': '"1-9"' } }),
    ],
    [
      'a ticket of another customer by reference',
      400,
      (ticket) =>
        api.put(referencePath(ticket.preparer_external_reference), partner, {
          ...newTicket,
          customer_id: crypto.randomUUID(),
        }),
    ],
    ['a read', 200, ({ id }) => api.get(ticketPath(id), partner)],
  ])('%s', async (_what, status, send) => {
    const ticket = await createTicket(api, partner);
    const before = await readEvents(api, partner);
    expect((await send(ticket)).status).toBe(status);
    expect(await readEvents(api, partner)).toEqual(before);
  });

  test('a replay through an idempotency key', async () => {
    const post = () => api.request('POST', TICKETS, { as: partner, body: newTicket, headers: key });
    await post();
    expect((await post()).headers.get('idempotent-replayed')).toBe('true');
    const put = () =>
      api.request('PUT', referencePath('R'), {
        as: partner,
        body: { ...newTicket, preparer_external_reference: 'R' },
        headers: { 'idempotency-key': '"two"' },
      });
    await put();
    expect((await put()).headers.get('idempotent-replayed')).toBe('true');
    expect(await followEvents(api, partner)).toHaveLength(2);
  });
});

describe('pages', () => {
  beforeEach(async () => {
    const body = { prepared_tickets: Array(5).fill(newTicket) };
    await api.post(BATCHES, partner, body);
  });

  test('are complete and without repetition, whatever the limit', async () => {
    const all = await readEvents(api, partner);
    for (const limit of [1, 2, 5, 6, 1000]) {
      expect(await followEvents(api, partner, { limit })).toEqual(all.result);
    }
  });

  test('echo the query with defaults', async () => {
    const { query, next } = await readEvents(api, partner);
    expect(query).toEqual({ limit: 100 });
    const given = { after: next, limit: 7, type: 'client.created' };
    expect((await readEvents(api, partner, given)).query).toEqual(given);
  });

  test('of one type pass the events of others', async () => {
    const { id } = await createTicket(api, partner);
    await api.delete(ticketPath(id), partner);
    const first = await readEvents(api, partner, { type: 'prepared_ticket.deleted' });
    expect(summaryOf(first.result)).toEqual([`prepared_ticket.deleted ${id}`]);
    expect((await readEvents(api, partner, { after: first.next })).result).toEqual([]);
    const full = await readEvents(api, partner, { type: 'prepared_ticket.created', limit: 2 });
    expect((await readEvents(api, partner, { after: full.next })).result).toHaveLength(5);
  });

  test('of several types are like those of all, without the events of others', async () => {
    const ids = await Promise.all([1, 2, 3].map(async () => (await createTicket(api, partner)).id));
    for (const id of ids) {
      await api.put(linesPath(id, PRODUCT), partner, { quantity: 1 });
      await api.delete(linesPath(id, PRODUCT), partner);
    }
    await api.delete(ticketPath(ids[0] as string), partner);
    const all = await followEvents(api, partner);
    for (let count = 2; count <= eventTypes.length; count++) {
      const types = eventTypes.slice(-count).toReversed();
      const expected = all.filter(({ type }) => (types as string[]).includes(type));
      for (const limit of [1, 2, 100]) {
        const query = { type: String(types), limit };
        expect(await followEvents(api, partner, query)).toEqual(expected);
      }
    }
    const types = 'prepared_ticket.deleted,client.created';
    const { query, result, next } = await readEvents(api, partner, { type: types });
    expect(query.type).toBe('client.created,prepared_ticket.deleted');
    expect(summaryOf(result)).toEqual([`prepared_ticket.deleted ${ids[0]}`]);
    expect((await readEvents(api, partner, { after: next })).result).toEqual([]);
  });

  test('of `latest` contain nothing, and the next one contains what comes', async () => {
    const latest = await readEvents(api, partner, { after: 'latest' });
    expect(latest).toMatchObject({ query: { after: 'latest', limit: 100 }, result: [] });
    expect((await readEvents(api, partner, { after: latest.next })).result).toEqual([]);
    const { id } = await createTicket(api, partner);
    const { result } = await readEvents(api, partner, { after: latest.next });
    expect(summaryOf(result)).toEqual([`prepared_ticket.created ${id}`]);
  });

  test('of a partner without events have a cursor, too', async () => {
    const fresh = await makePartner();
    const { result, next } = await readEvents(api, fresh);
    expect(result).toEqual([]);
    await createTicket(api, fresh);
    expect((await readEvents(api, fresh, { after: next })).result).toHaveLength(1);
  });

  test('have times that never go back, whatever the clocks of two isolates say', async () => {
    const other = new TestApi();
    other.now = START - 60_000;
    api.now = START + 1000;
    await createTicket(api, partner);
    await createTicket(other, partner);
    const times = (await followEvents(api, partner)).map(({ created_at }) => created_at);
    expect(times).toEqual([...times].sort());
    expect(times.at(-1)).toBe(new Date(START + 1000).toISOString());
  });
});

test('counts the events of each partner apart, and shows no others', async () => {
  const other = await makePartner();
  const own = await createTicket(api, partner);
  const others = await createTicket(api, other);
  for (const [as, ticket] of [
    [partner, own],
    [other, others],
  ] as const) {
    const { result } = await readEvents(api, as);
    expect(result.map(({ sequence, subject }) => [sequence, subject.id])).toEqual([[1, ticket.id]]);
  }
});

test('gives 40 concurrent writers a sequence without gaps', async () => {
  await Promise.all(Array.from({ length: 40 }, () => createTicket(api, partner)));
  const events = await followEvents(api, partner);
  expect(events.map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: 40 }, (_, i) => i + 1),
  );
  const { results } = await env.DB.prepare(
    'SELECT id FROM prepared_tickets ORDER BY ticket_number',
  ).all<{ id: string }>();
  expect(events.map(({ subject }) => subject.id)).toEqual(results.map(({ id }) => id));
});
