import { env } from 'cloudflare:workers';
import { Webhook } from 'standardwebhooks';
import { beforeEach, expect, test, vi } from 'vitest';
import { configOf } from '../../../../../src/config.ts';
import {
  newWebhookSecret,
  sealSecret,
} from '../../../../../src/resources/system/webhook-endpoints/secrets.ts';
import { START, TestApi } from '../../../../support/api.ts';
import { makePartner, type TestPartner } from '../../../../support/partners.ts';
import { createTicket, ticketPath } from '../../../../support/tickets.ts';
import {
  endpointRow,
  Receiver,
  type TestEndpoint,
  writeEndpoint,
} from '../../../../support/webhooks.ts';

let api: TestApi;
let partner: TestPartner;
let endpoint: TestEndpoint;
let receiver: Receiver;

beforeEach(async () => {
  api = new TestApi();
  partner = await makePartner();
  endpoint = await writeEndpoint(partner);
  receiver = new Receiver(api, [endpoint]);
  const { id } = await createTicket(api, partner);
  await api.delete(ticketPath(id), partner);
});

/** Changes the endpoint during the first attempt, like a request does, and answers with a status. */
function changeDuringFirst(status: number, assignments: string, ...values: (string | number)[]) {
  receiver.reply = async () => {
    if (receiver.received.length > 1) {
      return new Response();
    }
    await env.DB.prepare(
      `UPDATE webhook_endpoints SET version = version + 1, ${assignments} WHERE id = ?`,
    )
      .bind(...values, endpoint.id)
      .run();
    return new Response(null, { status });
  };
}

const moved = 'https://new.example.com/hook';

test('a new URL receives the next event, also in the middle of a delivery', async () => {
  changeDuringFirst(204, 'url = ?', moved);
  await receiver.deliver(endpoint);
  expect(receiver.received.map(({ url }) => url)).toEqual([endpoint.url, moved]);
  expect(receiver.sequences).toEqual([1, 2]);
});

test('new types apply to the next event, also in the middle of a delivery', async () => {
  changeDuringFirst(204, `event_types = '["client.created"]'`);
  expect(await receiver.deliver(endpoint)).toBeNull();
  expect(receiver.sequences).toEqual([1]);
  expect(await endpointRow(endpoint)).toMatchObject({ position: 2 });
});

test('a new secret signs the next event, also in the middle of a delivery', async () => {
  const secret = newWebhookSecret();
  const sealed = await sealSecret(configOf(env).sealingKeys, endpoint.id, secret);
  receiver = new Receiver(api, []);
  changeDuringFirst(204, 'secret = ?', sealed);
  await receiver.deliver(endpoint);
  const [before, after] = receiver.received as [
    (typeof receiver.received)[0],
    (typeof receiver.received)[0],
  ];
  vi.spyOn(Date, 'now').mockReturnValue(START);
  new Webhook(endpoint.secret).verify(before.body, before.headers);
  new Webhook(secret).verify(after.body, after.headers);
  vi.restoreAllMocks();
});

test.each([500, 410])('a new URL does not suffer from a %i of the old one', async (status) => {
  changeDuringFirst(status, 'url = ?', moved);
  expect(await receiver.deliver(endpoint)).toBeNull();
  expect(receiver.received.map(({ url }) => url)).toEqual([endpoint.url, moved, moved]);
  expect(receiver.sequences).toEqual([1, 1, 2]);
  expect(await endpointRow(endpoint)).toMatchObject({
    ...{ position: 2, disabled_at: null, failed_attempts: 0, next_attempt_at: null },
  });
});
