import { beforeEach, describe, expect, test } from 'vitest';
import { comparableHeaders, TestApi } from '../../../support/api.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import { createTicket, expectViolations, NOBODY, ticketPath } from '../../../support/tickets.ts';

const shared = new TestApi();

beforeEach(() => makePartnerOf(shared));

describe('GET /v2/tickets/prepared-tickets/{prepared-ticket-id}', () => {
  test('returns 200 with the ticket as it was created', async () => {
    const ticket = await createTicket(api, partner);
    const response = await api.get(ticketPath(ticket.id), partner);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(ticket);
  });

  test('always returns all eight members, even if they are null', async () => {
    const { id } = await createTicket(api, partner, { vin: null, voucher_code: null });
    const response = await api.get(ticketPath(id), partner);
    expect(Object.keys(await response.json<object>()).sort()).toEqual([
      'created_at',
      'customer_id',
      'id',
      'preparer_external_reference',
      'ticket_number',
      'vehicle_model_id',
      'vin',
      'voucher_code',
    ]);
  });

  test('accepts the id in upper case', async () => {
    const ticket = await createTicket(api, partner);
    const response = await api.get(ticketPath(ticket.id.toUpperCase()), partner);
    expect(await response.json()).toEqual(ticket);
  });

  test('returns 404 for an unknown id', async () => {
    const response = await api.get(ticketPath(NOBODY), partner);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'There is no prepared ticket with this identifier.',
      request_id: response.headers.get('x-request-id'),
    });
  });

  test.each([
    ['x'],
    ['1'],
    ['null'],
    ['%20'],
    ['160c0c4b99664dc1a9168407eb10d74e'],
    ['160c0c4b-9966-4dc1-a916-8407eb10d74'],
    ['160c0c4b-9966-4dc1-a916-8407eb10d74e%0A'],
    ['160c0c4b-9966-4dc1-a916-8407eb10d74e%2Fproduct-lines'],
    ['%FF'],
    ["'%20OR%201=1--"],
    ['a'.repeat(37)],
  ])('returns 400 for the id %s, which is not a UUID', async (id) => {
    const response = await api.get(ticketPath(id), partner);
    await expectViolations(response, ['path prepared-ticket-id invalid_format']);
  });
});

describe('HEAD', () => {
  test('returns the same as GET without a body', async () => {
    const { id } = await createTicket(api, partner);
    const headers = { 'x-request-id': 'same-for-both' };
    const got = await api.request('GET', ticketPath(id), { as: partner, headers });
    const head = await api.request('HEAD', ticketPath(id), { as: partner, headers });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
    expect(comparableHeaders(head)).toEqual(comparableHeaders(got));
  });

  test('returns 404 without a body for an unknown id', async () => {
    const head = await api.request('HEAD', ticketPath(NOBODY), { as: partner });
    expect(head.status).toBe(404);
    expect(await head.text()).toBe('');
  });
});
