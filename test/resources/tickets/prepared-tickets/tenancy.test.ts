import { beforeEach, describe, expect, test } from 'vitest';
import { TestApi } from '../../../support/api.ts';
import { makePartner, type TestPartner } from '../../../support/partners.ts';
import {
  CUSTOMER,
  createTicket,
  linesPath,
  listTickets,
  NOBODY,
  newTicket,
  PRODUCT,
  putLine,
  storedRows,
  type Ticket,
  ticketPath,
  ticketUpdate,
} from '../../../support/tickets.ts';

let api: TestApi;
let owner: TestPartner;
let stranger: TestPartner;
let ticket: Ticket;

beforeEach(async () => {
  // Rows read are told only where a deployment wants it, and would tell what exists.
  api = new TestApi({ EXPOSE_COST: 'false' });
  owner = await makePartner();
  stranger = await makePartner();
  ticket = await createTicket(api, owner);
  await putLine(api, owner, ticket.id, PRODUCT, 2);
});

/** All that a caller sees of an answer but what is new in every one. */
async function seenOf(response: Response) {
  const text = (await response.text()).replace(/"request_id":"[^"]+"/, '');
  const headers = [...response.headers]
    .filter(([name]) => name !== 'x-request-id')
    .map(([name, value]) => (name === 'x-d1-bookmark' ? [name] : [name, value]));
  return { status: response.status, headers, text };
}

const requests: [string, (id: string) => string, unknown?][] = [
  ['GET', ticketPath],
  ['HEAD', ticketPath],
  ['PUT', ticketPath, ticketUpdate],
  ['PUT', ticketPath, newTicket],
  ['PUT', ticketPath, { ...newTicket, customer_id: NOBODY }],
  ['DELETE', ticketPath],
  ['GET', linesPath],
  ['GET', (id) => `${linesPath(id)}?limit=0`],
  ['GET', (id) => linesPath(id, PRODUCT)],
  ['PUT', (id) => linesPath(id, PRODUCT), { quantity: 1 }],
  ['PUT', (id) => linesPath(id, NOBODY), { quantity: 1 }],
  ['DELETE', (id) => linesPath(id, PRODUCT)],
];

describe("returns 404 for another partner's ticket, as if it did not exist", () => {
  test.each(requests)('for %s with any body', async (method, path, body) => {
    const before = await storedRows();
    const others = await api.request(method, path(ticket.id), { as: stranger, body });
    const unknown = await api.request(method, path(NOBODY), { as: stranger, body });
    expect(others.status).toBe(404);
    expect(await seenOf(others)).toEqual(await seenOf(unknown));
    expect(await storedRows()).toEqual(before);
  });
});

describe("lists and totals do not include another partner's tickets", () => {
  test.each([
    [{}],
    [{ limit: 0 }],
    [{ customer_id: CUSTOMER }],
    [{ product_id: PRODUCT }],
    [{ vin: newTicket.vin }],
    [{ preparer_external_reference: newTicket.preparer_external_reference }],
    [{ created_after: '2000-01-01T00:00:00Z' }],
    [{ created_before: '2100-01-01T00:00:00Z' }],
  ])('with the query %j', async (query) => {
    expect(await listTickets(api, stranger, query)).toMatchObject({ result: [], total: 0 });
    expect((await listTickets(api, owner, query)).total).toBe(1);
  });

  test('with the ticket_number of such a ticket', async () => {
    const query = { ticket_number: ticket.ticket_number };
    expect(await listTickets(api, stranger, query)).toMatchObject({ result: [], total: 0 });
    expect((await listTickets(api, owner, query)).total).toBe(1);
  });
});
