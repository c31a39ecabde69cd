import { beforeEach, expect, test } from 'vitest';
import { api, partner } from '../../support/each-test.ts';
import { workerEnv } from '../../support/homes.ts';
import { makePartner } from '../../support/partners.ts';
import { createTicket, linesPath, PRODUCT } from '../../support/tickets.ts';
import { makePortalAndPartner, pageAt } from './support.ts';

beforeEach(makePortalAndPartner);

const sequencesOn = (page: string) =>
  Array.from(page.matchAll(/class="sequence">(\d+)</g), ([, sequence]) => Number(sequence));

test('says what to do if there is no event', async () => {
  const page = await pageAt(api, '/portal/events');
  expect(page).toContain('No event yet.');
  expect(page).toContain('data-newest="0"');
});

test('shows the events of the partner, newest first, with the client that made them', async () => {
  const ticket = await createTicket(api, partner);
  await api.put(linesPath(ticket.id, PRODUCT), partner, { quantity: 1 });
  const page = await pageAt(api, '/portal/events');
  expect(sequencesOn(page)).toEqual([2, 1]);
  expect(page).toContain('product_line.put');
  expect(page).toContain(`Ticket ${ticket.ticket_number}</span>`);
  expect(page).toContain(`>${ticket.preparer_external_reference}<`);
  expect(page).toContain(`<code>${partner.clientId.slice(0, 8)}</code>`);
});

test('adds the events that are new since the last time', async () => {
  await createTicket(api, partner);
  expect(sequencesOn(await pageAt(api, '/portal/events'))).toEqual([1]);
  await createTicket(api, partner);
  expect(sequencesOn(await pageAt(api, '/portal/events'))).toEqual([2, 1]);
});

test('shows the newest 50 events', async () => {
  const { id } = await createTicket(api, partner);
  for (let quantity = 1; quantity <= 51; quantity++) {
    await api.put(linesPath(id, PRODUCT), partner, { quantity });
  }
  const sequences = sequencesOn(await pageAt(api, '/portal/events'));
  expect(sequences).toHaveLength(50);
  expect(sequences[0]).toBe(52);
});

test('starts anew if its cursor belongs to an earlier state of the database', async () => {
  await createTicket(api, partner);
  await pageAt(api, '/portal/events');
  api.bindings = workerEnv({ EVENTS_EPOCH: '2' });
  expect(sequencesOn(await pageAt(api, '/portal/events'))).toEqual([1]);
});

test('does not show the events of another partner', async () => {
  await createTicket(api, await makePartner());
  expect(await pageAt(api, '/portal/events')).toContain('No event yet.');
});
