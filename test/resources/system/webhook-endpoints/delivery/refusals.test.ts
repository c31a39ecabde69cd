import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TestApi } from '../../../../support/api.ts';
import { changeEndpoint } from '../../../../support/endpoints.ts';
import { makePartner, type TestPartner } from '../../../../support/partners.ts';
import { createTicket, ticketPath } from '../../../../support/tickets.ts';
import { attemptsOf, endpointRow, Receiver, writeEndpoint } from '../../../../support/webhooks.ts';

let api: TestApi;
let partner: TestPartner;

beforeEach(async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  api = new TestApi();
  partner = await makePartner();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/**
 * A refusal is about the URL and not about an event, so a partner must not end the wait after it by leaving the event
 * out. Otherwise each of its endpoints from before the question asks a stranger each 5 seconds.
 */
test('a receiver that does not agree is asked on the schedule, whichever events a partner leaves out', async () => {
  const endpoint = await writeEndpoint(partner, { consentedUrl: null });
  const receiver = new Receiver(api, [endpoint]);
  receiver.consent = () => new Response();
  for (let i = 0; i < 24; i++) {
    const { id } = await createTicket(api, partner);
    await api.delete(ticketPath(id), partner);
    await changeEndpoint(api, partner, endpoint, {
      event_types: [i % 2 === 0 ? 'prepared_ticket.created' : 'prepared_ticket.deleted'],
    });
    await receiver.deliver(endpoint);
    // All that there is now is left out, so the endpoint passes it.
    await changeEndpoint(api, partner, endpoint, { event_types: ['client.created'] });
    api.now += 5000;
    await receiver.deliver(endpoint);
  }
  // At once, after 5 seconds, and then after 5 minutes.
  expect(receiver.asked).toHaveLength(2);
});

test('ten refusals disable an endpoint, whichever events they are about', async () => {
  const endpoint = await writeEndpoint(partner, { consentedUrl: null });
  const receiver = new Receiver(api, [endpoint]);
  receiver.consent = () => new Response();
  for (let i = 0; i < 10; i++) {
    await createTicket(api, partner);
    await changeEndpoint(api, partner, endpoint, { event_types: ['prepared_ticket.created'] });
    await receiver.deliver(endpoint);
    await changeEndpoint(api, partner, endpoint, { event_types: ['client.created'] });
    api.now += 86_400_000;
    await receiver.deliver(endpoint);
  }
  expect((await attemptsOf(endpoint)).map(({ error }) => error)).toEqual(Array(10).fill('consent'));
  expect(await endpointRow(endpoint)).toMatchObject({ disabled_reason: 'exhausted' });
});
