import { env } from 'cloudflare:workers';
import { Webhook } from 'standardwebhooks';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { STANDARD_DELAYS_S } from '../../../../../src/webhook-delays.ts';
import { HOUR_MS, START } from '../../../../support/api.ts';
import { endpoint, makeReceiver, receiver } from '../../../../support/each-receiver.ts';
import { api, makeApiAndPartner, partner } from '../../../../support/each-test.ts';
import { EVENTS, followEvents, readEvents } from '../../../../support/events.ts';
import { workerEnv } from '../../../../support/homes.ts';
import { makePartner } from '../../../../support/partners.ts';
import { createTicket, newTicket, ticketPath } from '../../../../support/tickets.ts';
import {
  attemptsOf,
  endpointRow,
  Receiver,
  type TestEndpoint,
  writeEndpoint,
} from '../../../../support/webhooks.ts';

beforeEach(async () => {
  await makeApiAndPartner();
  await makeReceiver();
});

const refuse = (status: number, headers: Record<string, string> = {}) => {
  receiver.reply = () => new Response(null, { status, headers });
};

describe('a delivery', () => {
  test('is the event of the feed, signed as Standard Webhooks defines', async () => {
    await createTicket(api, partner);
    const [event] = await followEvents(api, partner);
    expect(await receiver.deliver(endpoint)).toBeNull();
    const [{ message, headers, id }] = receiver.received as [(typeof receiver.received)[0]];
    expect(message).toEqual({
      type: 'prepared_ticket.created',
      timestamp: event?.created_at,
      data: event,
    });
    expect(id).toBe(event?.id);
    expect(headers['content-type']).toBe('application/json');
    expect(headers['webhook-signature']).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
  });

  test('contains no VIN, voucher code or customer, and its log line no reference either', async () => {
    await createTicket(api, partner);
    await receiver.deliver(endpoint);
    const lines = JSON.stringify(api.log.filter(({ event }) => event === 'webhook'));
    expect(lines).toContain(endpoint.id);
    const { preparer_external_reference, vin, voucher_code, customer_id } = newTicket;
    const body = receiver.received[0]?.body;
    expect(body).toContain(preparer_external_reference);
    for (const value of [vin, voucher_code, customer_id]) {
      expect(body).not.toContain(value);
    }
    for (const value of [vin, voucher_code, customer_id, preparer_external_reference]) {
      expect(lines).not.toContain(value);
    }
    expect(lines).not.toContain('erp.example.com');
    expect(lines).not.toContain('whsec_');
  });

  test('comes in the order of the sequence, each event once', async () => {
    for (let i = 0; i < 45; i++) {
      await createTicket(api, partner);
    }
    expect(await receiver.deliver(endpoint)).toBeNull();
    expect(receiver.sequences).toEqual(Array.from({ length: 45 }, (_, i) => i + 1));
    await receiver.deliver(endpoint);
    expect(receiver.received).toHaveLength(45);
    const attempts = await attemptsOf(endpoint);
    expect(attempts.map(({ number }) => number)).toEqual(receiver.sequences);
    expect(await endpointRow(endpoint)).toMatchObject({ position: 45, newest_delivery: 45 });
  });

  test('is left to the next run when the time of one is over', async () => {
    for (let i = 0; i < 5; i++) {
      await createTicket(api, partner);
    }
    receiver.reply = () => {
      api.now += 15_000;
      return new Response();
    };
    expect(await receiver.deliver(endpoint)).toBe(api.now);
    expect(receiver.sequences).toEqual([1, 2]);
    await receiver.deliver(endpoint);
    expect(receiver.sequences).toEqual([1, 2, 3, 4]);
  });

  test('is of the chosen types only, which apply at the time of the attempt', async () => {
    const chosen = await writeEndpoint(partner, { eventTypes: ['prepared_ticket.deleted'] });
    const both = new Receiver(api, [endpoint, chosen]);
    const { id } = await createTicket(api, partner);
    await api.delete(ticketPath(id), partner);
    await createTicket(api, partner);
    await both.deliver(chosen);
    expect(both.types).toEqual(['prepared_ticket.deleted']);
    expect(await endpointRow(chosen)).toMatchObject({ position: 3, newest_delivery: 1 });
    await createTicket(api, partner);
    await env.DB.prepare('UPDATE webhook_endpoints SET event_types = NULL WHERE id = ?')
      .bind(chosen.id)
      .run();
    await both.deliver(chosen);
    expect(both.types).toEqual(['prepared_ticket.deleted', 'prepared_ticket.created']);
  });

  test('is never about the endpoint itself', async () => {
    const other = await writeEndpoint(partner);
    await env.DB.prepare(
      `INSERT INTO events (partner_id, sequence, id, type, created_at, subject_id, version)
       VALUES (?1, 1, ?3, 'webhook_endpoint.updated', ?2, ?3, 2), (?1, 2, ?4, 'webhook_endpoint.updated', ?2, ?4, 2)`,
    )
      .bind(partner.partnerId, START, endpoint.id, other.id)
      .run();
    await receiver.deliver(endpoint);
    expect(receiver.received.map(({ message }) => message.data.subject.id)).toEqual([other.id]);
  });

  test('of another partner does not reach the endpoint', async () => {
    await createTicket(api, await makePartner());
    expect(await receiver.deliver(endpoint)).toBeNull();
    expect(receiver.received).toEqual([]);
  });

  test('begins with the oldest event that is kept, if those after its place are gone', async () => {
    for (let i = 0; i < 3; i++) {
      await createTicket(api, partner);
    }
    await env.DB.prepare('DELETE FROM events WHERE sequence < 3').run();
    await receiver.deliver(endpoint);
    expect(receiver.sequences).toEqual([3]);
  });

  test.each([
    ['the endpoint is disabled', 'UPDATE webhook_endpoints SET disabled_at = 1', null],
    ['the partner is disabled', 'UPDATE partners SET disabled_at = 1', null],
    ['the endpoint is deleted', 'DELETE FROM webhook_endpoints', 'deleted'],
  ])('does not happen while %s', async (_what, sql, outcome) => {
    await createTicket(api, partner);
    await env.DB.prepare(sql).run();
    expect(await receiver.deliver(endpoint)).toBe(outcome);
    expect(receiver.received).toEqual([]);
  });

  test('is signed with both secrets during a rotation, and with the new one afterwards', async () => {
    const until = START + 60_000;
    const next = await writeEndpoint(partner, { url: endpoint.url });
    await env.DB.prepare(
      `UPDATE webhook_endpoints SET retired_secret = ?, retired_expires_at = ? WHERE id = ?`,
    )
      // A secret is bound to its endpoint, so the old one has to be sealed for this one.
      .bind(await sealFor(next, endpoint.secret), until, next.id)
      .run();
    const both = new Receiver(api, [next]);
    await createTicket(api, partner);
    await both.deliver(next);
    api.now = until;
    await createTicket(api, partner);
    await both.deliver(next);
    const [during, after] = both.received as [(typeof both.received)[0], (typeof both.received)[0]];
    expect(during.headers['webhook-signature']?.split(' ')).toHaveLength(2);
    expect(after.headers['webhook-signature']?.split(' ')).toHaveLength(1);
    vi.spyOn(Date, 'now').mockReturnValue(START);
    const verify = (secret: string, { body, headers }: typeof during) =>
      new Webhook(secret).verify(body, headers);
    expect(verify(endpoint.secret, during)).toEqual(verify(next.secret, during));
    vi.spyOn(Date, 'now').mockReturnValue(until);
    expect(() => verify(endpoint.secret, after)).toThrow('No matching signature found');
  });
});

describe('the cost of a delivery', () => {
  const costOf = () =>
    receiver.costs.splice(0).reduce(
      (sum, cost) => ({
        trips: sum.trips + cost.roundTrips,
        read: sum.read + cost.rowsRead,
        written: sum.written + cost.rowsWritten,
      }),
      { trips: 0, read: 0, written: 0 },
    );

  test('of one event: 4 trips, 10 rows read, 3 written', async () => {
    for (let i = 0; i < 30; i++) {
      await createTicket(api, partner);
    }
    await receiver.deliver(endpoint);
    costOf();
    await createTicket(api, partner);
    await receiver.deliver(endpoint);
    expect(receiver.sequences.at(-1)).toBe(31);
    const { trips, read, written } = costOf();
    expect(trips).toBe(4);
    expect(read).toBeLessThanOrEqual(10);
    expect(written).toBeLessThanOrEqual(3);
    expect(written).toBeGreaterThan(0);
  });

  test('of many events in a row: 10 rows read and 3 written for each', async () => {
    for (let i = 0; i < 60; i++) {
      await createTicket(api, partner);
    }
    await receiver.deliver(endpoint);
    const { read, written } = costOf();
    expect(read).toBeLessThanOrEqual(60 * 10);
    expect(written).toBeLessThanOrEqual(60 * 3);
  });

  test('of an endpoint that waits: 1 trip, 4 rows read, however many events follow', async () => {
    for (let i = 0; i < 30; i++) {
      await createTicket(api, partner);
    }
    refuse(500);
    const next = await receiver.deliver(endpoint);
    costOf();
    expect(await receiver.deliver(endpoint)).toBe(next);
    const { trips, read, written } = costOf();
    expect([trips, written]).toEqual([1, 0]);
    expect(read).toBeLessThanOrEqual(4);
  });

  test('of nothing: 1 trip, 3 rows read', async () => {
    await receiver.deliver(endpoint);
    expect(costOf()).toEqual({ trips: 1, read: 3, written: 0 });
  });
});

describe('a failed attempt', () => {
  test.each<[string, number | null, string | null, (at: number) => Response | Promise<Response>]>([
    ['500', 500, null, () => new Response('no', { status: 500 })],
    ['404', 404, null, () => new Response(null, { status: 404 })],
    ['a redirect', 302, null, () => Response.redirect('https://other.example.com/')],
    ['a closed connection', null, 'connection', () => Promise.reject(new Error('closed'))],
    ['a timeout', null, 'timeout', () => Promise.reject(new DOMException('over', 'TimeoutError'))],
  ])(
    'by %s is repeated with the same id, and holds up what comes after it',
    async (_what, status, error, reply) => {
      await createTicket(api, partner);
      await createTicket(api, partner);
      receiver.reply = () => reply(api.now);
      const next = (await receiver.deliver(endpoint)) as number;
      expect(receiver.sequences).toEqual([1]);
      expect(await attemptsOf(endpoint)).toEqual([
        {
          ...{ number: 1, event_type: 'prepared_ticket.created', sequence: 1, attempt: 1 },
          ...{ attempted_at: START, status, error },
        },
      ]);
      expect(await receiver.deliver(endpoint)).toBe(next);
      expect(receiver.received).toHaveLength(1);
      api.now = next;
      receiver.reply = () => new Response();
      await receiver.deliver(endpoint);
      expect(receiver.sequences).toEqual([1, 1, 2]);
      expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(2);
      expect((await endpointRow(endpoint)).failed_attempts).toBe(0);
    },
  );

  test('follows the schedule of the standard, with a jitter of at most a tenth', async () => {
    await createTicket(api, partner);
    refuse(500);
    for (const random of [0, 0.999]) {
      vi.spyOn(Math, 'random').mockReturnValue(random);
      await env.DB.prepare(
        'UPDATE webhook_endpoints SET failed_attempts = 0, next_attempt_at = NULL',
      ).run();
      for (const delay of STANDARD_DELAYS_S) {
        const next = (await receiver.deliver(endpoint)) as number;
        const waited = next - api.now;
        expect(Math.abs(waited - delay * 1000 * (1 + random / 10))).toBeLessThan(2);
        api.now = next;
      }
    }
  });

  test('is the last one after ten attempts in 75 hours: the endpoint is disabled, and the feed says so', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    await createTicket(api, partner);
    await createTicket(api, partner);
    const { next: cursor } = await readEvents(api, partner, { after: 'latest' });
    refuse(503);
    let next: number | null | 'deleted' = api.now;
    let attempts = 0;
    for (; typeof next === 'number'; attempts++) {
      api.now = next;
      next = await receiver.deliver(endpoint);
    }
    expect(attempts).toBe(10);
    expect(api.now - START).toBeGreaterThan(75 * HOUR_MS);
    expect(api.now - START).toBeLessThan(76 * HOUR_MS);
    expect(receiver.sequences).toEqual(Array(10).fill(1));
    expect(await endpointRow(endpoint)).toMatchObject({
      ...{ disabled_at: api.now, disabled_reason: 'exhausted', position: 0, version: 2 },
    });
    const { result } = await readEvents(api, partner, { after: cursor });
    expect(result).toMatchObject([
      {
        type: 'webhook_endpoint.disabled',
        actor: null,
        subject: { type: 'webhook_endpoint', id: endpoint.id, version: 2 },
      },
    ]);
    expect(await receiver.deliver(endpoint)).toBeNull();
  });

  test('by 410 disables the endpoint at once', async () => {
    await createTicket(api, partner);
    refuse(410);
    expect(await receiver.deliver(endpoint)).toBeNull();
    expect(receiver.received).toHaveLength(1);
    expect(await endpointRow(endpoint)).toMatchObject({ disabled_reason: 'gone', position: 0 });
    expect((await followEvents(api, partner)).at(-1)?.type).toBe('webhook_endpoint.disabled');
  });

  test('goes on with the event at which it stopped, when the endpoint is enabled again', async () => {
    await createTicket(api, partner);
    await createTicket(api, partner);
    refuse(410);
    await receiver.deliver(endpoint);
    await env.DB.prepare(
      'UPDATE webhook_endpoints SET disabled_at = NULL, disabled_reason = NULL, failed_attempts = 0',
    ).run();
    receiver.reply = () => new Response();
    await receiver.deliver(endpoint);
    expect(receiver.types.slice(1)).toEqual(['prepared_ticket.created', 'prepared_ticket.created']);
    expect(receiver.sequences).toEqual([1, 1, 2]);
  });

  test.each<[string, string | undefined, number]>([
    ['seconds', '3600', HOUR_MS],
    ['a date', new Date(START + 2 * HOUR_MS).toUTCString(), 2 * HOUR_MS],
    ['less than the schedule', '1', 5000],
    ['more than a day', String(86_400 * 3), 24 * HOUR_MS],
    ['the past', new Date(START - HOUR_MS).toUTCString(), 5000],
    ['nonsense', 'soon', 5000],
  ])('with Retry-After of %s is repeated when that is over', async (_what, header, wait) => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    await createTicket(api, partner);
    refuse(429, { 'retry-after': header as string });
    expect(await receiver.deliver(endpoint)).toBe(START + wait);
  });

  test('delays no other endpoint', async () => {
    const healthy = await writeEndpoint(partner);
    const both = new Receiver(api, [endpoint, healthy]);
    await createTicket(api, partner);
    both.reply = (url) => new Response(null, { status: url === healthy.url ? 200 : 500 });
    await Promise.all([both.deliver(endpoint), both.deliver(healthy)]);
    expect((await endpointRow(healthy)).position).toBe(1);
    expect((await endpointRow(endpoint)).position).toBe(0);
  });
});

describe('a replay during a delivery', () => {
  test('is not undone by the delivery, and the events come again in order', async () => {
    for (let i = 0; i < 3; i++) {
      await createTicket(api, partner);
    }
    receiver.reply = async () => {
      if (receiver.received.length === 2) {
        await env.DB.prepare(
          'UPDATE webhook_endpoints SET position = 0, replays = replays + 1',
        ).run();
      }
      return new Response();
    };
    await receiver.deliver(endpoint);
    expect(receiver.sequences).toEqual([1, 2, 1, 2, 3]);
    expect(await endpointRow(endpoint)).toMatchObject({ position: 3, newest_delivery: 5 });
  });

  test('of an endpoint that is disabled meanwhile ends the delivery', async () => {
    await createTicket(api, partner);
    await createTicket(api, partner);
    receiver.reply = async () => {
      await env.DB.prepare('UPDATE webhook_endpoints SET disabled_at = 1').run();
      return new Response();
    };
    await receiver.deliver(endpoint);
    expect(receiver.sequences).toEqual([1]);
  });
});

test('an event that arrives while its endpoint is disabled does not come again', async () => {
  await createTicket(api, partner);
  await createTicket(api, partner);
  receiver.reply = async () => {
    await env.DB.prepare('UPDATE webhook_endpoints SET disabled_at = 1').run();
    return new Response();
  };
  expect(await receiver.deliver(endpoint)).toBeNull();
  expect(await endpointRow(endpoint)).toMatchObject({ position: 1, disabled_at: 1 });
  await env.DB.prepare('UPDATE webhook_endpoints SET disabled_at = NULL').run();
  receiver.reply = () => new Response();
  await receiver.deliver(endpoint);
  expect(receiver.sequences).toEqual([1, 2]);
});

test('an address that is forbidden now gets no request, and the attempt is recorded', async () => {
  const hostile = await writeEndpoint(partner, { url: 'https://10.0.0.1/' });
  await createTicket(api, partner);
  expect(await receiver.deliver(hostile)).toBeGreaterThan(api.now);
  expect(receiver.received).toEqual([]);
  expect(await attemptsOf(hostile)).toMatchObject([{ status: null, error: 'url' }]);
});

test('a secret whose key is missing sends nothing, and the attempt is recorded', async () => {
  await createTicket(api, partner);
  const { keys } = JSON.parse(env.WEBHOOK_KEYS);
  const other = JSON.stringify({ keys: [{ ...keys[0], kid: 'another' }] });
  const bindings = workerEnv({ WEBHOOK_KEYS: other });
  expect(await receiver.deliver(endpoint, bindings)).toBeGreaterThan(api.now);
  expect(receiver.received).toEqual([]);
  expect(await attemptsOf(endpoint)).toMatchObject([{ status: null, error: 'secret' }]);
});

test('the feed of the partner needs the scope events:read, whatever webhooks it has', async () => {
  const headers = await partner.headers(api, ['webhooks:manage']);
  expect((await api.request('GET', EVENTS, { headers })).status).toBe(403);
});

async function sealFor({ id }: TestEndpoint, secret: string): Promise<string> {
  const { configOf } = await import('../../../../../src/config.ts');
  return configOf(env).sealingKeys.seal(secret, id);
}
