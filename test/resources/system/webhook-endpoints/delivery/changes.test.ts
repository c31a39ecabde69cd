import { env } from 'cloudflare:workers';
import { Webhook } from 'standardwebhooks';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { configOf } from '../../../../../src/config.ts';
import {
  newWebhookSecret,
  sealSecret,
} from '../../../../../src/resources/system/webhook-endpoints/secrets.ts';
import { START } from '../../../../support/api.ts';
import { api, makeApiAndPartner, partner } from '../../../../support/each-test.ts';
import { homeOf } from '../../../../support/homes.ts';
import { makePartner } from '../../../../support/partners.ts';
import { createTicket, ticketPath } from '../../../../support/tickets.ts';
import {
  attemptsOf,
  endpointRow,
  Receiver,
  type TestEndpoint,
  writeEndpoint,
} from '../../../../support/webhooks.ts';

let endpoint: TestEndpoint;
let receiver: Receiver;

beforeEach(async () => {
  await makeApiAndPartner();
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
});

test.each([
  ['the partner is disabled', 'UPDATE partners SET disabled_at = 1'],
  ['the endpoint is disabled', 'UPDATE webhook_endpoints SET disabled_at = 1'],
  ['the endpoint is deleted', 'DELETE FROM webhook_endpoints'],
])('no further event is sent when %s in the middle of a delivery', async (_what, statement) => {
  receiver.reply = async () => {
    await env.DB.prepare(statement).run();
    return new Response();
  };
  await receiver.deliver(endpoint);
  expect(receiver.sequences).toEqual([1]);
});

test('a delivery goes on when another partner is disabled', async () => {
  const other = await makePartner({ home: homeOf(partner) });
  receiver.reply = async () => {
    await env.DB.prepare('UPDATE partners SET disabled_at = 1 WHERE id = ?')
      .bind(other.partnerId)
      .run();
    return new Response();
  };
  await receiver.deliver(endpoint);
  expect(receiver.sequences).toEqual([1, 2]);
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

describe('failed attempts count for their own event', () => {
  /** Lets the first event fail nine times, so that one more failed attempt of it disables the endpoint. */
  const failNineTimes = async () => {
    receiver.reply = () => new Response(null, { status: 500 });
    for (let i = 0; i < 9; i++) {
      api.now = (await receiver.deliver(endpoint)) as number;
    }
    expect(await endpointRow(endpoint)).toMatchObject({ failed_attempts: 9, position: 0 });
  };

  test.each([
    ['has expired', 'DELETE FROM events WHERE sequence = 1'],
    [
      'is of a type that is no longer chosen',
      `UPDATE webhook_endpoints SET event_types = '["prepared_ticket.deleted"]'`,
    ],
  ])('and not for the next one, if that event %s', async (_what, statement) => {
    await failNineTimes();
    await env.DB.prepare(statement).run();
    expect(await receiver.deliver(endpoint)).toBeGreaterThan(api.now);
    expect(await endpointRow(endpoint)).toMatchObject({ disabled_at: null, failed_attempts: 1 });
    expect((await attemptsOf(endpoint)).at(-1)).toMatchObject({ sequence: 2, attempt: 1 });
  });

  test('and are forgotten when the endpoint passes that event', async () => {
    await failNineTimes();
    await env.DB.prepare(`UPDATE webhook_endpoints SET event_types = '["client.created"]'`).run();
    expect(await receiver.deliver(endpoint)).toBeNull();
    expect(await endpointRow(endpoint)).toMatchObject({
      ...{ position: 2, failed_attempts: 0, next_attempt_at: null },
    });
  });
});
