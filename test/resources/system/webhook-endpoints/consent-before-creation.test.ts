import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import { TestApi } from '../../../support/api.ts';
import { agreement } from '../../../support/consent.ts';
import { type CreatedEndpoint, ENDPOINTS, HOOK } from '../../../support/endpoints.ts';
import { makePartner, type TestPartner } from '../../../support/partners.ts';
import { createTicket } from '../../../support/tickets.ts';
import { Receiver, writeEndpoint } from '../../../support/webhooks.ts';

/** What happens between the answer of a receiver and the creation of its endpoint. */

let api: TestApi;
let partner: TestPartner;

beforeEach(async () => {
  api = new TestApi();
  partner = await makePartner();
});

test('a host that is denied while its receiver is asked gets no endpoint', async () => {
  api.fetch = async () => {
    await env.DB.prepare(
      "INSERT INTO denied_hosts (host, created_at) VALUES ('garage.example', 1)",
    ).run();
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
  receiver.reply = () => new Response(null, { status: 410 });
  receiver.consent = async () => {
    receiver.consent = () => new Response();
    // The answer is on its way while the 410 arrives.
    api.now += 1000;
    await receiver.deliver(twin);
    return agreement();
  };
  const response = await api.post(ENDPOINTS, partner, { url: twin.url });
  const made = await response.json<CreatedEndpoint>();
  await createTicket(api, partner);
  await receiver.deliver(made);
  expect(receiver.received).toHaveLength(1);
});
