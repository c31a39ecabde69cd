import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TestApi } from '../../../../support/api.ts';
import { changeEndpoint, makeEndpoint } from '../../../../support/endpoints.ts';
import { makePartner, type TestPartner } from '../../../../support/partners.ts';
import { createTicket, ticketPath } from '../../../../support/tickets.ts';
import { Receiver } from '../../../../support/webhooks.ts';

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
 * Each event counts its own attempts. A partner that alternates between the types of two events must not thereby begin
 * the schedule anew each time, which would be an attempt each 5 seconds for ever.
 */
test('a partner cannot begin the schedule anew by choosing the types of two events in turn', async () => {
  const made = await makeEndpoint(api, partner);
  const receiver = new Receiver(api, [made]);
  receiver.reply = () => new Response(null, { status: 500 });
  const { id } = await createTicket(api, partner);
  await api.delete(ticketPath(id), partner);
  for (let i = 0; i < 60; i++) {
    const type = i % 2 === 0 ? 'prepared_ticket.created' : 'prepared_ticket.deleted';
    await changeEndpoint(api, partner, made, { event_types: [type] });
    await receiver.deliver(made);
    api.now += 5000;
  }
  expect(receiver.sequences).toEqual([...receiver.sequences].sort());
  expect(receiver.received.length).toBeLessThanOrEqual(20);
});
