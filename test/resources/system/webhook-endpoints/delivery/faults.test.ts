import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { endpoint, makeReceiver, receiver } from '../../../../support/each-receiver.ts';
import { api, makeApiAndPartner, partner } from '../../../../support/each-test.ts';
import { type FaultKind, FaultyD1 } from '../../../../support/faulty-d1.ts';
import { workerEnv } from '../../../../support/homes.ts';
import { createTicket } from '../../../../support/tickets.ts';
import { attemptsOf, endpointRow } from '../../../../support/webhooks.ts';

let d1: FaultyD1;

beforeEach(async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  d1 = new FaultyD1();
  await makeApiAndPartner();
  await makeReceiver();
  await createTicket(api, partner);
  await createTicket(api, partner);
});

const deliver = () => receiver.deliver(endpoint, workerEnv({ DB: d1.db }));

/** A run makes these calls: it reads, records the first event, records the second one, and reads again. */
const CALLS = [1, 2, 3, 4];

describe.each<FaultKind>(['before', 'after'])('a D1 call that fails once (%s)', (kind) => {
  test.each(CALLS)('at %d is repeated: each event arrives and is recorded once', async (at) => {
    d1.plan((call) => (call === at ? kind : undefined));
    expect(await deliver()).toBeNull();
    expect(receiver.sequences).toEqual([1, 2]);
    const attempts = await attemptsOf(endpoint);
    expect(attempts.map(({ number, sequence }) => [number, sequence])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(await endpointRow(endpoint)).toMatchObject({ position: 2, newest_delivery: 2 });
  });
});

describe.each<FaultKind>(['overloaded', 'slow', 'late'])(
  'a D1 call that fails for good (%s)',
  (kind) => {
    test.each(CALLS)('at %d ends the run, and the next one loses nothing', async (at) => {
      d1.plan((call) => (call === at ? kind : undefined));
      await expect(deliver()).rejects.toThrow();
      d1.plan();
      await d1.settle();
      expect(await deliver()).toBeNull();
      // Only an event whose record was lost comes again, and before any later one.
      expect([...new Set(receiver.sequences)]).toEqual([1, 2]);
      expect(receiver.sequences).toEqual(receiver.sequences.toSorted((a, b) => a - b));
      expect((await endpointRow(endpoint)).position).toBe(2);
      const numbers = (await attemptsOf(endpoint)).map(({ number }) => number);
      expect(numbers).toEqual(numbers.map((_, i) => i + 1));
      expect((await endpointRow(endpoint)).newest_delivery).toBe(numbers.length);
    });
  },
);

test('a failed attempt that is recorded twice still counts once', async () => {
  receiver.reply = () => new Response(null, { status: 500 });
  d1.plan((call) => (call === 3 ? 'after' : undefined));
  await deliver();
  expect(await endpointRow(endpoint)).toMatchObject({ failed_attempts: 1, newest_delivery: 1 });
});

test('an endpoint that a lost response disables is disabled once, with one event', async () => {
  receiver.reply = () => new Response(null, { status: 410 });
  d1.plan((call) => (call === 3 ? 'after' : undefined));
  expect(await deliver()).toBeNull();
  expect(await endpointRow(endpoint)).toMatchObject({ disabled_reason: 'gone', version: 2 });
  const { results } = await env.DB.prepare(
    "SELECT count(*) AS n FROM events WHERE type = 'webhook_endpoint.disabled'",
  ).all();
  expect(results).toEqual([{ n: 1 }]);
});
