import { beforeEach, describe, expect, test } from 'vitest';
import { START, TICKETS } from '../../../../support/api.ts';
import { api, makeApiAndPartner, partner } from '../../../../support/each-test.ts';
import { followEvents, readEvents } from '../../../../support/events.ts';
import { expectExactCounts } from '../../../../support/naive-list.ts';
import { makePartner } from '../../../../support/partners.ts';
import { listPickedUp, pickedUpPath } from '../../../../support/picked-up-tickets.ts';
import {
  CUSTOMER,
  createTicket,
  expectViolations,
  linesPath,
  listTickets,
  newTicket,
  PRODUCT,
  putLine,
  referencePath,
  type Ticket,
  ticketPath,
  ticketUpdate,
} from '../../../../support/tickets.ts';

let ticket: Ticket;

const pickUpPath = (id: string) => `${ticketPath(id)}/pick-up`;

beforeEach(async () => {
  await makeApiAndPartner();
  ticket = await createTicket(api, partner);
  await putLine(api, partner, ticket.id, PRODUCT, 4);
});

const pickUp = (id = ticket.id, customer_id = CUSTOMER, headers: Record<string, string> = {}) =>
  api.request('POST', pickUpPath(id), { as: partner, body: { customer_id }, headers });

describe('a pick-up', () => {
  test('turns the prepared ticket into a ticket with the same id, number and values', async () => {
    api.now = START + 5000;
    const response = await pickUp();
    expect(response.status).toBe(201);
    const picked = {
      ...ticket,
      state: 'pending',
      picked_up_at: new Date(START + 5000).toISOString(),
    };
    expect(await response.json()).toEqual(picked);
    const location = response.headers.get('location') as string;
    expect(new URL(location).pathname).toBe(pickedUpPath(ticket.id));
    const read = await api.get(pickedUpPath(ticket.id), partner);
    expect(read.headers.get('etag')).toBe(response.headers.get('etag'));
    expect(await read.json()).toEqual(picked);
    const lines = await api.get(`${pickedUpPath(ticket.id)}/product-lines`, partner);
    expect(await lines.json()).toMatchObject({
      result: [{ ticket_id: ticket.id, product_id: PRODUCT, quantity: 4 }],
      total: 1,
    });
  });

  test('takes the ticket out of every list and total of prepared tickets', async () => {
    await pickUp();
    const queries: Record<string, string>[] = [
      {},
      { customer_id: CUSTOMER },
      { product_id: PRODUCT },
    ];
    for (const query of queries) {
      expect(await listTickets(api, partner, query)).toMatchObject({ result: [], total: 0 });
      expect(await listTickets(api, partner, { ...query, offset: 1 })).toMatchObject({ total: 0 });
    }
    expect(await listPickedUp(api, partner)).toMatchObject({
      result: [{ id: ticket.id }],
      total: 1,
    });
    expect(await listPickedUp(api, partner, { customer_id: CUSTOMER })).toMatchObject({ total: 1 });
    await expectExactCounts();
  });

  test('has one event, whatever lines the ticket has', async () => {
    const { next } = await readEvents(api, partner);
    await pickUp();
    expect((await readEvents(api, partner, { after: next })).result).toMatchObject([
      {
        type: 'prepared_ticket.picked_up',
        subject: {
          type: 'prepared_ticket',
          id: ticket.id,
          ticket_number: ticket.ticket_number,
          version: 2,
        },
      },
    ]);
  });

  test('by the same customer again returns the same ticket, and has no further event', async () => {
    const first = await pickUp();
    api.now += 60_000;
    const events = await followEvents(api, partner);
    const conditions: Record<string, string>[] = [
      {},
      { 'if-match': '"1-1"' },
      { 'if-match': '"1-99"' },
    ];
    for (const headers of conditions) {
      const again = await pickUp(ticket.id, CUSTOMER.toUpperCase(), headers);
      expect(again.status).toBe(200);
      expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
      expect(again.headers.has('location')).toBe(false);
      expect(await again.json()).toEqual(await first.clone().json());
    }
    expect(await followEvents(api, partner)).toEqual(events);
  });

  test('has a time after that of every earlier pick-up, whatever the clock says', async () => {
    const other = await createTicket(api, partner);
    await putLine(api, partner, other.id, PRODUCT);
    api.now = START + 60_000;
    await pickUp(other.id);
    api.now = START;
    await pickUp();
    const { result } = await listPickedUp(api, partner);
    expect(result.map(({ picked_up_at }) => picked_up_at)).toEqual(
      [START + 60_001, START + 60_000].map((time) => new Date(time).toISOString()),
    );
  });

  test('gives its number to no later ticket', async () => {
    await pickUp();
    expect((await createTicket(api, partner)).ticket_number).toBeGreaterThan(ticket.ticket_number);
  });
});

describe('a refused pick-up writes nothing', () => {
  let before: unknown;
  const state = async () => [
    await listTickets(api, partner),
    await listPickedUp(api, partner),
    await followEvents(api, partner),
  ];

  test.each<[string, number, () => Promise<Response>]>([
    ['for another customer', 404, () => pickUp(ticket.id, crypto.randomUUID())],
    ['of an unknown ticket', 404, () => pickUp(crypto.randomUUID())],
    ['with an old entity tag', 412, () => pickUp(ticket.id, CUSTOMER, { 'if-match': '"1-9"' })],
    [
      'for a tag that it must not have',
      412,
      () => pickUp(ticket.id, CUSTOMER, { 'if-none-match': '*' }),
    ],
    ['without a customer', 400, () => api.post(pickUpPath(ticket.id), partner, {})],
    ['for null', 400, () => api.post(pickUpPath(ticket.id), partner, { customer_id: null })],
    [
      'with a misspelled member',
      400,
      () => api.post(pickUpPath(ticket.id), partner, { customer_id: CUSTOMER, customer: 1 }),
    ],
    ['of an id that is none', 400, () => pickUp('nonsense')],
    [
      'without the scope',
      403,
      async () =>
        api.request('POST', pickUpPath(ticket.id), {
          body: { customer_id: CUSTOMER },
          headers: await partner.headers(api, ['prepared-tickets:write', 'prepared-tickets:read']),
        }),
    ],
    [
      "of another partner's ticket",
      404,
      async () => api.post(pickUpPath(ticket.id), await makePartner(), { customer_id: CUSTOMER }),
    ],
  ])('%s: %d', async (_what, status, send) => {
    before = await state();
    expect((await send()).status).toBe(status);
    expect(await state()).toEqual(before);
  });

  test('of a deleted ticket: 404', async () => {
    await api.delete(ticketPath(ticket.id), partner);
    before = await state();
    expect((await pickUp()).status).toBe(404);
    expect(await state()).toEqual(before);
  });

  test('names the violation of the customer', async () => {
    const response = await api.post(pickUpPath(ticket.id), partner, { customer_id: 'x' });
    await expectViolations(response, ['body #/customer_id invalid_format']);
  });

  test.each<[string, readonly string[], Partial<Ticket>, boolean]>([
    ['a VIN', ['vin'], { vin: null }, true],
    ['a line', ['product_lines'], {}, false],
    ['both', ['vin', 'product_lines'], { vin: null }, false],
  ])('of a ticket that lacks %s: 409', async (_what, missing, values, hasLine) => {
    const { id } = await createTicket(api, partner, values);
    if (hasLine) {
      await putLine(api, partner, id, PRODUCT);
    }
    before = await state();
    // 409 precedes 412.
    for (const headers of [{}, { 'if-match': '"1-9"' }]) {
      const response = await pickUp(id, CUSTOMER, headers as Record<string, string>);
      expect(response.status).toBe(409);
      expect(await response.json()).toMatchObject({ type: '/problems/not-ready', missing });
    }
    expect(await state()).toEqual(before);
    const readiness = await api.get(`${ticketPath(id)}/readiness`, partner);
    expect(await readiness.json()).toEqual({ ready: false, missing });
    expect((await pickUp(id, crypto.randomUUID())).status).toBe(404);
  });
});

describe('after a pick-up', () => {
  const line = () => linesPath(ticket.id, PRODUCT);
  const path = () => ticketPath(ticket.id);
  const own = () => referencePath(newTicket.preparer_external_reference);

  test.each<[string, () => Promise<Response>]>([
    ['GET of the prepared ticket', () => api.get(path(), partner)],
    ['PUT of the prepared ticket', () => api.put(path(), partner, ticketUpdate)],
    ['DELETE of the prepared ticket', () => api.delete(path(), partner)],
    ['its readiness', () => api.get(`${path()}/readiness`, partner)],
    ['its product lines', () => api.get(linesPath(ticket.id), partner)],
    ['GET of a line', () => api.get(line(), partner)],
    ['PUT of a line', () => api.put(line(), partner, { quantity: 1 })],
    ['DELETE of a line', () => api.delete(line(), partner)],
    ['GET by reference', () => api.get(own(), partner)],
    ['PUT by reference', () => api.put(own(), partner, newTicket)],
    ['DELETE by reference', () => api.delete(own(), partner)],
    [
      // 410 precedes 412.
      'PUT under an old tag',
      () =>
        api.request('PUT', path(), {
          as: partner,
          body: ticketUpdate,
          headers: { 'if-match': '"1-9"' },
        }),
    ],
    [
      'PUT by reference, only to create',
      () =>
        api.request('PUT', own(), {
          as: partner,
          body: newTicket,
          headers: { 'if-none-match': '*' },
        }),
    ],
  ])('%s returns 410 with the path of the ticket', async (_what, send) => {
    await pickUp();
    const events = await followEvents(api, partner);
    const response = await send();
    expect(response.status).toBe(410);
    const { ticket: picked, ...problem } = await response.json<{ ticket: string }>();
    expect(problem).toMatchObject({ type: '/problems/picked-up', status: 410 });
    expect((await api.get(picked, partner)).status).toBe(200);
    expect(await followEvents(api, partner)).toEqual(events);
    expect(await listTickets(api, partner)).toMatchObject({ total: 0 });
  });

  test('another partner still gets 404', async () => {
    await pickUp();
    const other = await makePartner();
    for (const send of [
      api.get(path(), other),
      api.put(path(), other, ticketUpdate),
      api.delete(path(), other),
      api.get(`${path()}/readiness`, other),
      api.get(linesPath(ticket.id), other),
      api.put(line(), other, { quantity: 1 }),
      api.get(own(), other),
      api.get(pickedUpPath(ticket.id), other),
      api.post(pickUpPath(ticket.id), other, { customer_id: CUSTOMER }),
    ]) {
      expect((await send).status).toBe(404);
    }
    expect((await api.put(own(), other, newTicket)).status).toBe(201);
  });

  test('another customer gets 404', async () => {
    await pickUp();
    expect((await pickUp(ticket.id, crypto.randomUUID())).status).toBe(404);
  });

  test('410 by reference names the ticket that was picked up last', async () => {
    await pickUp();
    const second = await createTicket(api, partner);
    await putLine(api, partner, second.id, PRODUCT);
    api.now += 1000;
    expect((await api.get(own(), partner)).status).toBe(200);
    await pickUp(second.id);
    expect(await (await api.get(own(), partner)).json()).toMatchObject({
      ticket: pickedUpPath(second.id),
    });
  });

  test('a prepared ticket with the reference wins over one that was picked up', async () => {
    await pickUp();
    const { id } = await createTicket(api, partner);
    expect((await api.put(own(), partner, newTicket)).status).toBe(200);
    expect(await (await api.get(own(), partner)).json()).toMatchObject({ id });
  });

  test('the idempotency key of its creation still returns the first response', async () => {
    const post = () =>
      api.request('POST', TICKETS, {
        as: partner,
        body: newTicket,
        headers: { 'idempotency-key': '"k"' },
      });
    const first = await (await post()).json<Ticket>();
    await putLine(api, partner, first.id, PRODUCT);
    await pickUp(first.id);
    const replayed = await post();
    expect(replayed.headers.get('idempotent-replayed')).toBe('true');
    expect(await replayed.json()).toEqual(first);
    expect((await api.get(ticketPath(first.id), partner)).status).toBe(410);
  });
});
