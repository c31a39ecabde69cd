import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, expect, test, vi } from 'vitest';
import type { WebhookScheduler } from '../../../../../src/resources/system/webhook-endpoints/delivery/scheduler.ts';
import { captureLog } from '../../../../support/faults.ts';
import { makePartner } from '../../../../support/partners.ts';
import { type TestEndpoint, writeEndpoint } from '../../../../support/webhooks.ts';

let endpoint: TestEndpoint;
let stub: DurableObjectStub<WebhookScheduler>;

beforeEach(async () => {
  endpoint = await writeEndpoint(await makePartner());
  stub = env.WEBHOOK_SCHEDULER.getByName(endpoint.id) as DurableObjectStub<WebhookScheduler>;
});

const alarmOf = () => runInDurableObject(stub, (_object, state) => state.storage.getAlarm());
const setAlarm = (time: number) =>
  runInDurableObject(stub, (_object, state) => state.storage.setAlarm(time));

/** Replaces bindings of the object, so that its next alarm meets a fault. */
const breakWith = (bindings: object) =>
  runInDurableObject(stub, (object) => {
    Object.assign(object, { env: { ...env, ...bindings } });
  });

test('a wake makes the object look at once, and an endpoint without events leaves no alarm', async () => {
  await stub.wake(endpoint.id);
  await vi.waitFor(async () => expect(await alarmOf()).toBeNull());
});

test('a wake replaces a later alarm, and no earlier one', async () => {
  const later = Date.now() + 3_600_000;
  await setAlarm(later);
  await breakWith({ DB: undefined });
  await stub.wake(endpoint.id);
  await vi.waitFor(async () => expect(await alarmOf()).not.toBe(later));
});

test.each<[string, () => object]>([
  ['the database fails', () => ({ DB: { withSession: () => ({ batch: fail, prepare: fail }) } })],
  ['a binding is missing', () => ({ ISSUER: '' })],
])('an alarm never throws, and looks again after ten seconds, if %s', async (_what, broken) => {
  captureLog();
  await runInDurableObject(stub, (_object, state) => state.storage.put('endpoint', endpoint.id));
  await breakWith(broken());
  await setAlarm(Date.now() + 3_600_000);
  const started = Date.now();
  expect(await runDurableObjectAlarm(stub)).toBe(true);
  const next = (await alarmOf()) as number;
  expect(next).toBeGreaterThanOrEqual(started + 10_000);
  expect(next).toBeLessThan(Date.now() + 11_000);
});

function fail(): never {
  throw new Error('D1_ERROR: Network connection lost.');
}
