import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { WebhookScheduler } from '../../../../../src/resources/system/webhook-endpoints/delivery/scheduler.ts';
import { TestApi } from '../../../../support/api.ts';
import { captureLog } from '../../../../support/faults.ts';
import { type FaultKind, FaultyD1 } from '../../../../support/faulty-d1.ts';
import { homeOf, workerEnv } from '../../../../support/homes.ts';
import { makePartner, type TestPartner } from '../../../../support/partners.ts';
import { createTicket } from '../../../../support/tickets.ts';
import { watchTimers } from '../../../../support/timers.ts';
import {
  attemptsOf,
  endpointRow,
  type TestEndpoint,
  writeEndpoint,
} from '../../../../support/webhooks.ts';

/** What keeps the Durable Object of an endpoint in memory after its work: a timer that is pending. */
let partner: TestPartner;
let endpoint: TestEndpoint;
let d1: FaultyD1;

beforeEach(async () => {
  captureLog();
  d1 = new FaultyD1();
  partner = await makePartner();
  endpoint = await writeEndpoint(partner);
  const api = new TestApi();
  await createTicket(api, partner);
  await createTicket(api, partner);
});

/** Runs an alarm of the object, and returns the timers at its end. */
async function timersAfterAlarm(reply: typeof fetch) {
  vi.spyOn(globalThis, 'fetch').mockImplementation(reply);
  const stub = env.WEBHOOK_SCHEDULER.getByName(endpoint.id) as DurableObjectStub<WebhookScheduler>;
  return runInDurableObject(stub, async (object, { storage }) => {
    await storage.put({ endpoint: endpoint.id, home: homeOf(partner).name });
    Object.assign(object, { env: workerEnv({ DB: d1.db }) });
    const timers = watchTimers();
    await object.alarm();
    await storage.deleteAlarm();
    // A timer that an alarm sets is proof that the timers of the alarm are observed.
    expect(timers.set).not.toEqual([]);
    return { pending: timers.pending(), signals: timers.signals };
  });
}

const NONE = { pending: [], signals: [] };
const reply = (status: number) => async () => new Response(null, { status });

describe('no timer is pending after an alarm', () => {
  test('that delivers', async () => {
    expect(await timersAfterAlarm(reply(204))).toEqual(NONE);
    expect(await attemptsOf(endpoint)).toHaveLength(2);
  });

  test('whose receiver answers with a body that never ends', async () => {
    const endless = async () => new Response(new ReadableStream(), { status: 200 });
    expect(await timersAfterAlarm(endless)).toEqual(NONE);
    expect(await attemptsOf(endpoint)).toHaveLength(2);
  });

  test.each([500, 302])('whose receiver answers with %i', async (status) => {
    expect(await timersAfterAlarm(reply(status))).toEqual(NONE);
    expect(await attemptsOf(endpoint)).toMatchObject([{ status }]);
  });

  test('whose receiver cannot be reached', async () => {
    expect(await timersAfterAlarm(() => Promise.reject(new Error('refused')))).toEqual(NONE);
    expect(await attemptsOf(endpoint)).toMatchObject([{ error: 'connection' }]);
  });

  test('whose receiver does not answer in time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const silent = (_url: unknown, init?: RequestInit) =>
      new Promise<Response>((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
        queueMicrotask(() => vi.advanceTimersByTime(15_000));
      });
    expect(await timersAfterAlarm(silent)).toEqual(NONE);
    expect(await attemptsOf(endpoint)).toMatchObject([{ error: 'timeout' }]);
  });

  test('that disables the endpoint and wakes the others', async () => {
    const other = await writeEndpoint(partner, { position: 9 });
    expect(await timersAfterAlarm(reply(410))).toEqual(NONE);
    expect(await endpointRow(endpoint)).toMatchObject({ disabled_reason: 'gone' });
    await runInDurableObject(env.WEBHOOK_SCHEDULER.getByName(other.id), async (_object, state) =>
      expect(await state.storage.get('endpoint')).toBe(other.id),
    );
  });

  test.each<FaultKind>(['before', 'after'])('whose D1 calls are repeated (%s)', async (kind) => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    d1.plan((call) => (call % 2 === 1 ? kind : undefined));
    expect(await timersAfterAlarm(reply(204))).toEqual(NONE);
    expect(await attemptsOf(endpoint)).toHaveLength(2);
  });

  test.each([1, 2, 3, 4])('whose D1 call %i fails for good', async (at) => {
    d1.plan((call) => (call === at ? 'broken' : undefined));
    expect(await timersAfterAlarm(reply(204))).toEqual(NONE);
    expect(await attemptsOf(endpoint)).toHaveLength(Math.max(0, at - 3));
  });

  test('whose D1 call gets no answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    d1.plan((call) => (call === 2 ? 'slow' : undefined));
    expect(await timersAfterAlarm(reply(204))).toEqual(NONE);
  });

  test('that finds nothing to do', async () => {
    await env.DB.prepare('UPDATE webhook_endpoints SET position = 9').run();
    expect(await timersAfterAlarm(reply(204))).toEqual(NONE);
  });
});
