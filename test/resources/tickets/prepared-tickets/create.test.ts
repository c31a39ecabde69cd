import { beforeEach, describe, expect, test } from 'vitest';
import { START, TestApi, TICKETS } from '../../../support/api.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import { retryAtOnce } from '../../../support/faults.ts';
import { FaultyD1 } from '../../../support/faulty-d1.ts';
import {
  CUSTOMER,
  createTicket,
  listTickets,
  NOBODY,
  newTicket,
  storedRows,
  type Ticket,
  ticketPath,
} from '../../../support/tickets.ts';

beforeEach(makeApiAndPartner);

async function read(id: string): Promise<Ticket> {
  return (await api.get(ticketPath(id), partner)).json<Ticket>();
}

describe('POST /v2/tickets/prepared-tickets', () => {
  test('returns 201 with exactly eight members and the URL of the ticket in Location', async () => {
    const response = await api.post(TICKETS, partner, newTicket);
    expect(response.status).toBe(201);
    const ticket = await response.json<Ticket>();
    expect(ticket).toEqual({
      ...newTicket,
      id: expect.any(String),
      created_at: new Date(START).toISOString(),
      ticket_number: expect.any(Number),
    });
    const location = response.headers.get('location') as string;
    expect(new URL(location).pathname).toBe(ticketPath(ticket.id));
    expect(await (await api.get(location, partner)).json()).toEqual(ticket);
  });

  test('creates one ticket for each request, even for equal concurrent requests', async () => {
    const tickets = await Promise.all(Array.from({ length: 20 }, () => createTicket(api, partner)));
    for (const member of ['id', 'ticket_number'] as const) {
      expect(new Set(tickets.map((ticket) => ticket[member])).size).toBe(20);
    }
    const byNumber = tickets.sort((a, b) => b.ticket_number - a.ticket_number);
    expect(await listTickets(api, partner)).toMatchObject({ result: byNumber, total: 20 });
  });
});

describe('members that the server sets', () => {
  test('id is a UUID in lower case', async () => {
    const { id } = await createTicket(api, partner);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  });

  test('created_at is RFC 3339 in UTC with milliseconds and Z', async () => {
    api.now = START + 7;
    expect((await createTicket(api, partner)).created_at).toBe('2026-03-01T12:00:00.007Z');
    api.now = START + 1000;
    expect((await createTicket(api, partner)).created_at).toBe('2026-03-01T12:00:01.000Z');
  });

  test('id, created_at and ticket_number in the body are ignored, whatever their type', async () => {
    const first = await createTicket(api, partner);
    const copy = await createTicket(api, partner, first);
    expect(copy.id).not.toBe(first.id);
    expect(copy.ticket_number).toBeGreaterThan(first.ticket_number);
    const odd = { ...newTicket, id: 5, created_at: [{}], ticket_number: null };
    const response = await api.post(TICKETS, partner, odd);
    expect(response.status).toBe(201);
    expect((await response.json<Ticket>()).created_at).toBe(new Date(START).toISOString());
  });
});

describe('customer_id', () => {
  test.each([
    ['of version 4', CUSTOMER, CUSTOMER],
    ['in upper case', CUSTOMER.toUpperCase(), CUSTOMER],
    ['of no version that RFC 9562 knows', NOBODY.replace('4', 'f'), NOBODY.replace('4', 'f')],
    ['nil', '00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000'],
    ['max', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  ])('accepts a UUID %s and returns it in lower case', async (_what, sent, stored) => {
    const ticket = await createTicket(api, partner, { customer_id: sent });
    expect(ticket.customer_id).toBe(stored);
    expect(await read(ticket.id)).toEqual(ticket);
  });
});

describe('vehicle_model_id', () => {
  test.each([
    ['0', 0],
    ['-0', 0],
    ['1.0', 1],
    ['1e3', 1000],
    ['2147483648', 2 ** 31],
    ['9007199254740991', 2 ** 53 - 1],
  ])('accepts %s, an integer from 0 to 2^53-1', async (json, value) => {
    const body = JSON.stringify(newTicket).replace(
      '"vehicle_model_id":0',
      `"vehicle_model_id":${json}`,
    );
    const response = await api.post(TICKETS, partner, body);
    expect(response.status).toBe(201);
    const ticket = await response.json<Ticket>();
    expect(ticket.vehicle_model_id).toBe(value);
    expect(await read(ticket.id)).toEqual(ticket);
  });
});

describe('vin', () => {
  test.each([
    ['null', null, null],
    ['upper case', 'JH4KA7630PC007649', 'JH4KA7630PC007649'],
    ['lower case', 'jh4ka7630pc007649', 'JH4KA7630PC007649'],
    ['digits only, without a check digit', '12345678901234567', '12345678901234567'],
    ['with I, O and Q', 'IOQioqIOQioqIOQio', 'IOQIOQIOQIOQIOQIO'],
  ])('accepts %s and returns it in upper case', async (_what, sent, stored) => {
    const ticket = await createTicket(api, partner, { vin: sent });
    expect(ticket.vin).toBe(stored);
    expect(await read(ticket.id)).toEqual(ticket);
  });
});

describe('voucher_code', () => {
  test.each([[null], ['A1B2'], ['12345678'], ['ABCDEFGH']])(
    'is returned as it was sent: %s',
    async (code) => {
      const ticket = await createTicket(api, partner, { voucher_code: code });
      expect(ticket.voucher_code).toBe(code);
      expect(await read(ticket.id)).toEqual(ticket);
    },
  );

  test('is optional on POST and defaults to null', async () => {
    const { voucher_code: _code, ...body } = newTicket;
    const response = await api.post(TICKETS, partner, body);
    expect(response.status).toBe(201);
    expect((await response.json<Ticket>()).voucher_code).toBeNull();
  });
});

describe('preparer_external_reference', () => {
  test.each([
    ['empty', ''],
    ['spaces at both ends', '  a  b '],
    ['line breaks, tabs and other controls', '\t\r\n\u0001\u001f\u007f\u0085\u2028'],
    ['quotes, markup and SQL', `"'\\/<b>&amp;';DROP TABLE prepared_tickets;--%_`],
    ['right to left with an override', 'שלום \u202eعالم\u202c'],
    ['emoji joined of five code points', '👩‍🚀👨‍👩‍👧'],
    ['a combining mark, not composed', 'e\u0301'],
    ['a composed letter, not taken apart', '\u00e9'],
    ['a byte order mark and non-characters', '\ufeff\ufffe\uffff\u{10ffff}'],
    ['looks like a number', '00012.50'],
    ['255 letters', 'x'.repeat(255)],
    ['255 characters outside the BMP', '🚗'.repeat(255)],
  ])('is returned exactly as it was sent: %s', async (_what, reference) => {
    const ticket = await createTicket(api, partner, { preparer_external_reference: reference });
    expect(ticket.preparer_external_reference).toBe(reference);
    expect(await read(ticket.id)).toEqual(ticket);
  });
});

test('a retry inside the Worker finds the ticket of a lost D1 response without reading a replica', async () => {
  const d1 = new FaultyD1();
  const faulty = new TestApi({ DB: d1.db });
  retryAtOnce();
  await faulty.get(TICKETS, partner);
  d1.plan((call) => (call === 1 ? 'after' : undefined));
  d1.sessions.length = 0;
  const response = await faulty.post(TICKETS, partner, newTicket);
  expect(response.status).toBe(201);
  // A replica could lag. After both attempts, two calls read the event and the ticket; the last one looks for webhooks,
  // after the response.
  expect(d1.calls).toBe(5);
  expect(d1.sessions).toEqual(new Array(5).fill('first-primary'));
  expect((await storedRows()).tickets).toHaveLength(1);
});
