import { beforeEach, expect, test } from 'vitest';
import { api, partner } from '../../support/each-test.ts';
import { makePartner } from '../../support/partners.ts';
import { writePickedUp } from '../../support/picked-up-tickets.ts';
import { CUSTOMER, NOBODY, writeTicket } from '../../support/tickets.ts';
import {
  customerPage,
  makePortalAndPartner,
  openPortal,
  pageAt,
  readyTicket,
  sectionOf,
} from './support.ts';

beforeEach(makePortalAndPartner);

test('lists the customers of prepared and picked-up tickets with their numbers of tickets', async () => {
  await writeTicket(partner);
  await writeTicket(partner);
  await writePickedUp(partner);
  await writePickedUp(partner, { customer_id: NOBODY });
  const page = await pageAt(api, '/portal');
  expect(page).toContain(`<a href="${customerPage(CUSTOMER)}">Amelie Brandt</a>`);
  expect(page).toContain('2 prepared, 1 picked up');
  expect(page).toContain(`<a href="${customerPage(NOBODY)}">Customer 00000000</a>`);
  expect(page).toContain('0 prepared, 1 picked up');
});

test('says what to do if no customer has a ticket', async () => {
  expect(await pageAt(api, '/portal')).toContain('No customer has a ticket yet.');
});

test('does not show the customers of other partners', async () => {
  await writeTicket(await makePartner(), { customer_id: NOBODY });
  expect(await pageAt(api, '/portal')).not.toContain(NOBODY);
});

test('shows a ready ticket with its vehicle, its services and a button', async () => {
  const { ticket_number } = await readyTicket(api, partner);
  const section = sectionOf(await pageAt(api, customerPage(CUSTOMER)), 'Ready to pick up');
  expect(section).toContain(`Ticket ${ticket_number}`);
  expect(section).toContain('Škoda Octavia');
  expect(section).toContain('JH4KA7630PC007649');
  expect(section).toContain('Oil service');
  expect(section).toContain('<button type="submit">Pick up');
});

test.each([
  ['the VIN', { vin: null }, true],
  ['a product line', {}, false],
  ['the VIN and a product line', { vin: null }, false],
])(
  'shows a ticket that lacks %s in its own section without a button',
  async (missing, values, hasLine) => {
    await (hasLine ? readyTicket(api, partner, values) : writeTicket(partner, values));
    const page = await pageAt(api, customerPage(CUSTOMER));
    expect(sectionOf(page, 'Ready to pick up')).toContain('No ticket is ready');
    expect(sectionOf(page, 'Not visible to the customer yet')).toContain(`Lacks ${missing}<`);
    expect(page).not.toContain('<button');
  },
);

test('shows a picked-up ticket with its state and time', async () => {
  await writePickedUp(partner, { picked_up_at: '2030-01-02T03:04:05.678Z' });
  const section = sectionOf(await pageAt(api, customerPage(CUSTOMER)), 'Picked up');
  expect(section).toContain('pending');
  expect(section).toContain('2030-01-02 03:04:05 UTC');
});

test('does not show the tickets of another customer', async () => {
  const { id } = await readyTicket(api, partner, { customer_id: NOBODY });
  expect(await pageAt(api, customerPage(CUSTOMER))).not.toContain(id);
});

test('escapes the names that it shows', async () => {
  await writeTicket(partner);
  const portal = await openPortal(partner, { [CUSTOMER]: '<b>&"' });
  expect(await pageAt(portal, '/portal')).toContain('&lt;b&gt;&amp;&quot;</a>');
});

test('shows the newest 25 tickets of a customer and says how many there are', async () => {
  for (let i = 0; i < 26; i++) {
    await writeTicket(partner);
  }
  expect(await pageAt(api, customerPage(CUSTOMER))).toContain(
    'The page shows the newest 25 of 26 prepared tickets.',
  );
});
