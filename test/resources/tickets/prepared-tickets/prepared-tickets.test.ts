import { beforeEach, describe, expect, test } from 'vitest';
import { START, TestApi, TICKETS } from '../../../support/api.ts';
import { makePartner, type TestPartner } from '../../../support/partners.ts';
import { newTicket, type Ticket } from '../../../support/tickets.ts';

let api: TestApi;
let partner: TestPartner;

beforeEach(async () => {
  api = new TestApi();
  partner = await makePartner();
});

describe('POST', () => {
  test('answers 201 with exactly the eight members, and Location leads to the ticket', async () => {
    const response = await api.post(TICKETS, partner, newTicket);
    expect(response.status).toBe(201);
    const ticket = await response.json<Ticket>();
    expect(ticket).toEqual({
      ...newTicket,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      created_at: new Date(START).toISOString(),
      ticket_number: expect.any(Number),
    });
    const location = response.headers.get('location') as string;
    expect(await (await api.get(location, partner)).json()).toEqual(ticket);
  });
});
