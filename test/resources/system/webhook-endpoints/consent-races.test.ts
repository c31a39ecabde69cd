import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import { agreement } from '../../../support/consent.ts';
import { api, makeApiAndPartner, partner } from '../../../support/each-test.ts';
import {
  type CreatedEndpoint,
  denyHost,
  ENDPOINTS,
  endpointPath,
  HOOK,
} from '../../../support/endpoints.ts';
import { createTicket } from '../../../support/tickets.ts';
import { endpointRow, Receiver, writeEndpoint } from '../../../support/webhooks.ts';

/** What happens between the answer of a receiver to the question and the write that stores it. */

beforeEach(makeApiAndPartner);

test('an agreement that is older than a 410 does not count after it, although its attempt ends later', async () => {
  const endpoint = await writeEndpoint(partner, { consentedUrl: null });
  const receiver = new Receiver(api, [endpoint]);
  await createTicket(api, partner);
  receiver.reply = async () => {
    if (receiver.received.length > 1) {
      return new Response(null, { status: 410 });
    }
    // While the first message is on its way, a test event asks too, and gets a 410.
    api.now += 1000;
    await api.post(endpointPath(endpoint, '/test-deliveries'), partner, undefined);
    return new Response(null, { status: 500 });
  };
  await receiver.deliver(endpoint);
  expect(receiver.received).toHaveLength(2);
  expect(await endpointRow(endpoint)).toMatchObject({
    ...{ disabled_reason: 'gone', consented_url: null },
  });
  receiver.consent = () => new Response();
  receiver.asked.length = 0;
  const read = await (await api.get(endpointPath(endpoint), partner)).json<object>();
  const put = await api.put(endpointPath(endpoint), partner, { ...read, disabled: false });
  expect([put.status, receiver.asked]).toEqual([409, [endpoint.url]]);
});

test('an agreement that is older than a 410 to another endpoint with the URL does not count either', async () => {
  const endpoint = await writeEndpoint(partner, { consentedUrl: null });
  const twin = await writeEndpoint(partner, { url: endpoint.url });
  const receiver = new Receiver(api, []);
  await createTicket(api, partner);
  receiver.reply = async () => {
    if (receiver.received.length > 1) {
      return new Response(null, { status: 410 });
    }
    api.now += 1000;
    receiver.consent = () => new Response();
    await receiver.deliver(twin);
    return new Response(null, { status: 204 });
  };
  await receiver.deliver(endpoint);
  expect(await endpointRow(twin)).toMatchObject({ disabled_reason: 'gone', consented_url: null });
  // The next event says that the twin is disabled. The receiver is asked before it.
  expect([receiver.received.length, receiver.asked]).toEqual([2, [endpoint.url, endpoint.url]]);
});

/** Makes a receiver agree once, while its 410 to a delivery of another endpoint arrives, and refuse from then on. */
function agreeDuring410(receiver: Receiver, twin: Parameters<Receiver['deliver']>[0]): void {
  receiver.reply = () => new Response(null, { status: 410 });
  receiver.consent = async () => {
    receiver.consent = () => new Response();
    // The answer is on its way while the 410 arrives.
    api.now += 1000;
    await receiver.deliver(twin);
    return agreement();
  };
}

test('a question of a change that was answered before a 410 to another endpoint with the URL does not count', async () => {
  const twin = await writeEndpoint(partner);
  const other = await writeEndpoint(partner, { position: 1 });
  const receiver = new Receiver(api, []);
  await createTicket(api, partner);
  agreeDuring410(receiver, twin);
  const read = await (await api.get(endpointPath(other), partner)).json<object>();
  await api.put(endpointPath(other), partner, { ...read, url: twin.url });
  await createTicket(api, partner);
  receiver.received.length = 0;
  await receiver.deliver(other);
  expect(receiver.received.filter(({ url }) => url === twin.url)).toEqual([]);
});

test('a host that is denied while its receiver is asked gets no endpoint', async () => {
  api.fetch = async () => {
    await denyHost('garage.example');
    return agreement();
  };
  const created = await api.post(ENDPOINTS, partner, { url: HOOK });
  expect(created.status).toBe(400);
  expect(await created.json()).toMatchObject({ violations: [{ pointer: '#/url' }] });
  const { results } = await env.DB.prepare('SELECT id FROM webhook_endpoints').all();
  expect(results).toEqual([]);
});

test('a question of a creation that was answered before a 410 to another endpoint does not count', async () => {
  const twin = await writeEndpoint(partner);
  const receiver = new Receiver(api, []);
  await createTicket(api, partner);
  agreeDuring410(receiver, twin);
  const response = await api.post(ENDPOINTS, partner, { url: twin.url });
  const made = await response.json<CreatedEndpoint>();
  await createTicket(api, partner);
  await receiver.deliver(made);
  expect(receiver.received).toHaveLength(1);
});
