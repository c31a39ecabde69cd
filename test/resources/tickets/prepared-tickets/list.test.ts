import { beforeEach, describe, expect, test } from 'vitest';
import { comparableHeaders, START, TICKETS } from '../../../support/api.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import {
  createTicket,
  listTickets,
  type Ticket,
  type TicketList,
} from '../../../support/tickets.ts';

beforeEach(makeApiAndPartner);

/** Creates tickets in turn, each at its time after START, in milliseconds. */
async function createAt(...times: number[]): Promise<Ticket[]> {
  const tickets: Ticket[] = [];
  for (const time of times) {
    api.now = START + time;
    tickets.push(await createTicket(api, partner));
  }
  return tickets;
}

describe('GET /v2/tickets/prepared-tickets', () => {
  test('returns 200 with exactly query, result and total', async () => {
    const [ticket] = await createAt(0);
    const response = await api.get(TICKETS, partner);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      query: { limit: 25, offset: 0 },
      result: [ticket],
      total: 1,
    });
  });

  test('returns an empty list if there are no tickets', async () => {
    expect(await listTickets(api, partner)).toEqual({
      query: { limit: 25, offset: 0 },
      result: [],
      total: 0,
    });
  });

  test('returns 25 tickets by default, and the total of all tickets', async () => {
    await createAt(...Array(27).keys());
    const { result, total } = await listTickets(api, partner);
    expect(result).toHaveLength(25);
    expect(total).toBe(27);
  });
});

describe('order', () => {
  test('is newest first by created_at', async () => {
    const [first, second, third] = await createAt(0, 1, 2);
    expect((await listTickets(api, partner)).result).toEqual([third, second, first]);
  });

  test('is by ticket_number, newest first, within a millisecond', async () => {
    const [first, second, third] = await createAt(0, 0, 0);
    expect((await listTickets(api, partner)).result).toEqual([third, second, first]);
  });

  test('is that of creation also when the clock went back, for created_at never does', async () => {
    const [first, second, third] = await createAt(10, 0, 5);
    const { result } = await listTickets(api, partner);
    expect(result).toEqual([third, second, first]);
    expect(result.map(({ created_at }) => Date.parse(created_at) - START)).toEqual([10, 10, 10]);
  });

  test('is the same on every page across days and months', async () => {
    const day = 86_400_000;
    const times = [-40 * day, -day, -1, 0, 12 * 3_600_000 - 1, 12 * 3_600_000, day, 40 * day];
    const expected = (await createAt(...times)).reverse();
    for (let offset = 0; offset <= expected.length; offset++) {
      const { result, total } = await listTickets(api, partner, { limit: 3, offset });
      expect(result).toEqual(expected.slice(offset, offset + 3));
      expect(total).toBe(expected.length);
    }
  });
});

describe('limit and offset', () => {
  let all: Ticket[];
  beforeEach(async () => {
    all = (await createAt(0, 1, 2, 3, 4)).reverse();
  });

  test.each([
    { limit: 0, offset: 0 },
    { limit: 0, offset: 3 },
    { limit: 1, offset: 0 },
    { limit: 2, offset: 1 },
    { limit: 2, offset: 4 },
    { limit: 5, offset: 0 },
    { limit: 5, offset: 5 },
    { limit: 1000, offset: 0 },
    { limit: 1000, offset: 4 },
    { limit: 25, offset: 2 ** 31 },
    { limit: 1000, offset: 2 ** 53 - 1 },
  ])('%j select a part of the list and do not change its total', async ({ limit, offset }) => {
    expect(await listTickets(api, partner, { limit, offset })).toEqual({
      query: { limit, offset },
      result: all.slice(offset, offset + limit),
      total: 5,
    });
  });

  test('each have a default if only the other is sent', async () => {
    expect((await listTickets(api, partner, { limit: 2 })).query).toEqual({ limit: 2, offset: 0 });
    expect((await listTickets(api, partner, { offset: 2 })).query).toEqual({
      limit: 25,
      offset: 2,
    });
  });

  test('can be percent-encoded', async () => {
    const response = await api.get(`${TICKETS}?%6Cimit=%32`, partner);
    expect((await response.json<TicketList>()).query).toEqual({ limit: 2, offset: 0 });
  });
});

describe('HEAD', () => {
  test('returns the same as GET without a body', async () => {
    await createAt(0, 1, 2);
    const options = { as: partner, headers: { 'x-request-id': 'same-for-both' } };
    const got = await api.request('GET', `${TICKETS}?limit=1`, options);
    const head = await api.request('HEAD', `${TICKETS}?limit=1`, options);
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
    expect(comparableHeaders(head)).toEqual(comparableHeaders(got));
    expect(head.headers.get('link')).toContain('rel="next"');
  });
});
