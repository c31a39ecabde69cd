import { beforeEach, describe, expect, test } from 'vitest';
import { ORIGIN } from '../../support/api.ts';
import { api, partner } from '../../support/each-test.ts';
import { makePartner } from '../../support/partners.ts';
import {
  CUSTOMER,
  linesPath,
  listTickets,
  NOBODY,
  PRODUCT,
  type Ticket,
  ticketPath,
  ticketUpdate,
} from '../../support/tickets.ts';
import {
  customerPage,
  formOf,
  makePortalAndPartner,
  pageAt,
  readyTicket,
  sectionOf,
  submit,
} from './support.ts';

let ticket: Ticket;

beforeEach(async () => {
  await makePortalAndPartner();
  ticket = await readyTicket(api, partner);
});

const countPrepared = async () => (await listTickets(api, partner)).total;

test('moves the ticket and redirects to the page of the customer, which says so', async () => {
  const response = await submit(api, CUSTOMER, await formOf(api, ticket));
  expect(response.status).toBe(303);
  const location = response.headers.get('location') as string;
  expect(location).toBe(`${customerPage(CUSTOMER)}?picked-up=${ticket.id}`);
  const page = await pageAt(api, location);
  expect(page).toContain(`Ticket ${ticket.ticket_number} was picked up.`);
  expect(sectionOf(page, 'Picked up')).toContain(`Ticket ${ticket.ticket_number}`);
  expect(sectionOf(page, 'Ready to pick up')).toContain('No ticket is ready');
  expect(await countPrepared()).toBe(0);
});

test('redirects again if the same form is submitted twice', async () => {
  const form = await formOf(api, ticket);
  await submit(api, CUSTOMER, form);
  expect((await submit(api, CUSTOMER, form)).status).toBe(303);
});

test('shows the event of the pick-up with the portal as its actor', async () => {
  expect(await pageAt(api, '/portal/events')).not.toContain('prepared_ticket.picked_up');
  await submit(api, CUSTOMER, await formOf(api, ticket));
  const page = await pageAt(api, '/portal/events');
  expect(page).toContain('prepared_ticket.picked_up');
  expect(page).toContain(`Ticket ${ticket.ticket_number}`);
  expect(page).toContain('by this portal');
});

test('does not say that a ticket was picked up that was not', async () => {
  const page = await pageAt(api, `${customerPage(CUSTOMER)}?picked-up=${ticket.id}`);
  expect(page).not.toContain('was picked up.');
});

/** Submits a form and returns the message of the page to which the response redirects. */
async function messageAfter(form: Record<string, string>, customerId = CUSTOMER): Promise<string> {
  const response = await submit(api, customerId, form);
  expect(response.status).toBe(303);
  const page = await pageAt(api, response.headers.get('location') as string);
  return /role="alert">(.+?)<\/div>/.exec(page)?.[1] ?? '';
}

describe('says why the ticket was not picked up', () => {
  test('409: it is not ready any more', async () => {
    const form = await formOf(api, ticket);
    await api.delete(linesPath(ticket.id, PRODUCT), partner);
    const message = await messageAfter(form);
    expect(message).toContain('This ticket is not ready any more.');
    expect(message).toContain('<a href="/problems/not-ready">');
  });

  test('412: it changed after the page was loaded', async () => {
    const form = await formOf(api, ticket);
    await api.put(ticketPath(ticket.id), partner, { ...ticketUpdate, voucher_code: null });
    expect(await messageAfter(form)).toContain('changed after the page was loaded');
    expect(await countPrepared()).toBe(1);
    expect(await messageAfter(await formOf(api, ticket))).toBe('');
    expect(await countPrepared()).toBe(0);
  });

  test('404: it was deleted', async () => {
    const form = await formOf(api, ticket);
    await api.delete(ticketPath(ticket.id), partner);
    expect(await messageAfter(form)).toContain('This customer has no such ticket.');
  });

  test('404: a forged form names the ticket of another customer', async () => {
    const form = await formOf(api, ticket);
    expect(await messageAfter(form, NOBODY)).toContain('This customer has no such ticket.');
    expect(await countPrepared()).toBe(1);
  });

  test('404: a forged form names the ticket of another partner', async () => {
    const foreign = await readyTicket(api, await makePartner());
    const { etag } = await formOf(api, ticket);
    const message = await messageAfter({ ticket_id: foreign.id, etag });
    expect(message).toContain('This customer has no such ticket.');
  });
});

describe('picks up nothing for a request that no page of the portal sent', () => {
  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }],
    ['another site with a forged origin', { 'sec-fetch-site': 'cross-site', origin: ORIGIN }],
    ['another host of the site', { 'sec-fetch-site': 'same-site', origin: 'https://a.api.test' }],
    ['the address bar', { 'sec-fetch-site': 'none' }],
    ['an old browser on another site', { origin: 'https://evil.test' }],
    ['a page without an origin', { origin: 'null' }],
    ['a program', {}],
  ])('%s', async (_sender, headers) => {
    const response = await submit(api, CUSTOMER, await formOf(api, ticket), headers);
    expect(response.status).toBe(404);
    expect(await countPrepared()).toBe(1);
  });

  test.each([
    ['no fields', {}],
    ['a ticket that is no UUID', { ticket_id: '../by-reference/x', etag: '"1"' }],
    ['an entity tag that is none', { ticket_id: NOBODY, etag: '"1"\r\nx: y' }],
    ['any entity tag', { ticket_id: NOBODY, etag: '*' }],
  ])('a form with %s', async (_what, fields: Record<string, string>) => {
    expect((await submit(api, CUSTOMER, fields)).status).toBe(404);
  });
});

test('accepts the form of a browser that sends only its origin', async () => {
  const form = await formOf(api, ticket);
  expect((await submit(api, CUSTOMER, form, { origin: ORIGIN })).status).toBe(303);
});

test.each([
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'application/x-www-form-urlencoded',
  'application/json',
])('refuses a body of the type %s that is no form', async (type) => {
  const headers = { 'sec-fetch-site': 'same-origin', origin: ORIGIN, 'content-type': type };
  const body = '{"ticket_id"';
  const request = new Request(`${ORIGIN}${customerPage(CUSTOMER)}`, {
    method: 'POST',
    headers,
    body,
  });
  expect((await api.send(request)).status).toBe(404);
  expect(await countPrepared()).toBe(1);
});
