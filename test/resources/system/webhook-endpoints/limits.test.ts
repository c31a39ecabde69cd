import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import { TestApi } from '../../../support/api.ts';
import { CountingLimit } from '../../../support/counting-limit.ts';
import { api, makePartnerOf, partner } from '../../../support/each-test.ts';
import { ENDPOINTS, type Endpoint, endpointPath } from '../../../support/endpoints.ts';
import { feedCursor } from '../../../support/partners.ts';
import { createTicket } from '../../../support/tickets.ts';
import { Receiver, type TestEndpoint, writeEndpoint } from '../../../support/webhooks.ts';

/**
 * A hostile partner: in one minute, it sends whatever could make the API call a receiver, again and again. Its clock
 * stands still, so an endpoint whose attempt failed needs no other one.
 */

const VICTIM = 'https://victim.example.com/';
const ROUNDS = 12;
/** What one partner may cause in one minute at one location. */
const QUOTA = 6;

let endpoint: TestEndpoint;
let receiver: Receiver;

beforeEach(async () => {
  const others = { PARTNER_LIMIT: new CountingLimit(), ADDRESS_LIMIT: new CountingLimit() };
  const limits = { RECEIVER_LIMIT: new CountingLimit(QUOTA), HEAVY_LIMIT: new CountingLimit() };
  await makePartnerOf(new TestApi({ RATE_LIMITS: 'on', ...others, ...limits }));
});

/** Creates the endpoint with one event that it has not received. */
async function writeVictim(consentedUrl: string | null) {
  endpoint = await writeEndpoint(partner, {
    ...{ url: VICTIM, consentedUrl, eventTypes: ['prepared_ticket.created'] },
  });
  receiver = new Receiver(api, []);
  await createTicket(api, partner);
}

/** Delivers to all endpoints of the partner what is due, as their objects do after each request. */
async function deliverAll(): Promise<void> {
  const { results } = await env.DB.prepare('SELECT id, url FROM webhook_endpoints').all();
  for (const found of results) {
    await receiver.deliver(found as unknown as TestEndpoint);
  }
}

/** Sends a request about the endpoint, and returns whether it was accepted. */
async function send(method: string, below: string, body?: unknown, of: { id: string } = endpoint) {
  const { status } = await api.request(method, endpointPath(of, below), { as: partner, body });
  await deliverAll();
  return status < 300;
}

/** Changes members of the endpoint. */
async function change(members: Partial<Endpoint>): Promise<boolean> {
  const response = await api.get(endpointPath(endpoint), partner);
  return send('PUT', '', { ...(await response.json<Endpoint>()), ...members });
}

/** Sends what only the policy `replays` limits, and returns how many requests were accepted. */
async function requestSending(): Promise<number> {
  const sent = [
    await send('POST', '/test-deliveries'),
    await send('POST', '/replays', { after: await feedCursor(partner.partnerId, 0) }),
    await send('POST', '/replays', { sequence: 1 }),
    await send('POST', '/attempts'),
  ];
  return sent.filter((isAccepted) => isAccepted).length;
}

/** Changes the endpoint in all ways that keep its URL. */
async function changeAll(): Promise<void> {
  await change({ disabled: true });
  await change({ disabled: false });
  await change({ event_types: null });
  await change({ event_types: ['prepared_ticket.created'] });
  await change({ description: crypto.randomUUID() });
  await send('POST', '/secrets', { overlap_seconds: 0 });
}

test('a receiver that does not agree is asked 6 times in a minute, and once for the endpoint itself', async () => {
  await writeVictim(null);
  receiver.consent = () => new Response();
  await deliverAll();
  expect(receiver.asked).toHaveLength(1);
  for (let i = 0; i < ROUNDS; i++) {
    await requestSending();
    await changeAll();
    await change({ url: `${VICTIM}${i}` });
    const response = await api.post(ENDPOINTS, partner, { url: VICTIM });
    expect([409, 429]).toContain(response.status);
  }
  expect(receiver.asked).toHaveLength(1 + QUOTA);
  expect(receiver.received).toEqual([]);
});

test('a receiver that agrees is asked 6 times in a minute', async () => {
  await writeVictim(VICTIM);
  receiver.reply = () => new Response(null, { status: 500 });
  for (let i = 0; i < ROUNDS; i++) {
    const created = await api.post(ENDPOINTS, partner, { url: VICTIM });
    if (created.ok) {
      expect(await send('DELETE', '', undefined, await created.json<Endpoint>())).toBe(true);
    }
    await change({ url: `${VICTIM}${i}` });
  }
  expect(receiver.asked).toHaveLength(QUOTA);
});

test('a receiver that fails gets 6 messages in a minute on request, and one for the event that the endpoint has', async () => {
  await writeVictim(VICTIM);
  receiver.reply = () => new Response(null, { status: 500 });
  await deliverAll();
  expect(receiver.received).toHaveLength(1);
  let accepted = 0;
  for (let i = 0; i < ROUNDS; i++) {
    accepted += await requestSending();
    await changeAll();
  }
  expect(accepted).toBe(QUOTA);
  expect(receiver.received).toHaveLength(1 + QUOTA);
  expect(receiver.asked).toEqual([]);
});

test('changes during an attempt that fails cause no other one', async () => {
  await writeVictim(VICTIM);
  receiver.reply = async () => {
    const path = endpointPath(endpoint);
    const { id: _id, ...read } = await (await api.get(path, partner)).json<Endpoint>();
    for (const members of [{ description: 'x' }, { disabled: true }, { disabled: false }]) {
      expect((await api.put(path, partner, { ...read, ...members })).status).toBe(200);
    }
    return new Response(null, { status: 500 });
  };
  for (let i = 0; i < ROUNDS; i++) {
    await deliverAll();
  }
  expect(receiver.received).toHaveLength(1);
});
