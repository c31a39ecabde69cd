import { beforeEach, expect, test } from 'vitest';
import { TestApi } from '../../../support/api.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import { endpointPath, makeEndpoint } from '../../../support/endpoints.ts';
import { makePartner } from '../../../support/partners.ts';
import { createTicket, newTicket, ticketPath } from '../../../support/tickets.ts';

beforeEach(makeApiAndPartner);

/** Returns the endpoints that a request woke, in a stable order. */
async function wokenBy(request: () => Promise<unknown>): Promise<string[]> {
  api.woken.splice(0);
  await request();
  return api.woken.splice(0).sort();
}

const idsOf = (...endpoints: { id: string }[]) => endpoints.map(({ id }) => id).sort();

test('every successful write of a partner wakes its enabled endpoints', async () => {
  const first = await makeEndpoint(api, partner);
  await makeEndpoint(api, partner, { disabled: true });
  const second = await makeEndpoint(api, partner);
  await makeEndpoint(api, await makePartner());
  const both = idsOf(first, second);
  const ticket = await createTicket(api, partner);
  const { customer_id: _customer, ...update } = newTicket;
  expect(await wokenBy(() => createTicket(api, partner))).toEqual(both);
  expect(await wokenBy(() => api.put(ticketPath(ticket.id), partner, update))).toEqual(both);
  expect(await wokenBy(() => api.delete(ticketPath(ticket.id), partner))).toEqual(both);
  expect(await wokenBy(() => api.delete(ticketPath(ticket.id), partner)), '404').toEqual([]);
  expect(await wokenBy(() => api.post('/v2/system/clients', partner, {})), '400').toEqual([]);
  expect(await wokenBy(() => api.get('/v2/system/clients', partner))).toEqual([]);
});

test('a new endpoint is woken at once by the writes of the same isolate', async () => {
  const write = () => createTicket(api, partner);
  expect(await wokenBy(write)).toEqual([]);
  const made = await makeEndpoint(api, partner);
  expect(await wokenBy(write)).toEqual([made.id]);
  await api.delete(endpointPath(made), partner);
  expect(await wokenBy(write)).toEqual([]);
});

test('an isolate learns within 10 seconds of an endpoint that another one created', async () => {
  const write = () => createTicket(api, partner);
  await write();
  const made = await makeEndpoint(new TestApi(), partner);
  api.now += 9_999;
  expect(await wokenBy(write)).toEqual([]);
  api.now += 1;
  expect(await wokenBy(write)).toEqual([made.id]);
});

test('an endpoint is woken when it is enabled, rotated, replayed and tested', async () => {
  const made = await makeEndpoint(api, partner, { disabled: true });
  const { url, description, event_types } = made;
  const enabled = { url, description, event_types, disabled: false };
  const path = (below: string) => endpointPath(made, below);
  for (const request of [
    () => api.put(path(''), partner, enabled),
    () => api.post(path('/secrets'), partner, { overlap_seconds: 0 }),
    () => api.post(path('/replays'), partner, { after: partner.cursor }),
    () => api.request('POST', path('/test-deliveries'), { as: partner }),
  ]) {
    expect(await wokenBy(request)).toEqual([made.id]);
  }
});
