import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { WebhookScheduler } from '../../../../../src/resources/system/webhook-endpoints/delivery/scheduler.ts';
import { TestApi } from '../../../../support/api.ts';
import { endpointPath } from '../../../../support/endpoints.ts';
import { captureLog } from '../../../../support/faults.ts';
import { homes, workerEnv } from '../../../../support/homes.ts';
import { makePartner, type TestPartner } from '../../../../support/partners.ts';
import { endpointRow, type TestEndpoint, writeEndpoint } from '../../../../support/webhooks.ts';

/** The name of the home of the partner. */
const HOME = homes[0].name;

let partner: TestPartner;
let endpoint: TestEndpoint;
let stub: DurableObjectStub<WebhookScheduler>;

beforeEach(async () => {
  partner = await makePartner();
  endpoint = await writeEndpoint(partner);
  stub = env.WEBHOOK_SCHEDULER.getByName(endpoint.id) as DurableObjectStub<WebhookScheduler>;
});

const alarmOf = () => runInDurableObject(stub, (_object, state) => state.storage.getAlarm());
const setAlarm = (time: number) =>
  runInDurableObject(stub, (_object, state) => state.storage.setAlarm(time));

/** Replaces bindings of the object, so that its next alarm meets a fault. */
const breakWith = (bindings: object) =>
  runInDurableObject(stub, (object) => {
    Object.assign(object, { env: workerEnv(bindings) });
  });

/** A database that fails each call. The configuration checks that the binding has `batch`. */
const failingDatabase = () => {
  const calls = { batch: fail, prepare: fail };
  return { DB: { ...calls, withSession: () => calls } };
};

test('a wake makes the object look at once, and an endpoint without events leaves no alarm', async () => {
  await stub.wake(endpoint.id, HOME);
  await vi.waitFor(async () => expect(await alarmOf()).toBeNull());
});

test('a wake replaces a later alarm, and no earlier one', async () => {
  const later = Date.now() + 3_600_000;
  await setAlarm(later);
  await breakWith({ DB: undefined });
  await stub.wake(endpoint.id, HOME);
  await vi.waitFor(async () => expect(await alarmOf()).not.toBe(later));
});

test.each<[string, () => object]>([
  ['the database fails', failingDatabase],
  ['a binding is missing', () => ({ ISSUER: '' })],
])('an alarm never throws, and looks again after ten seconds, if %s', async (_what, broken) => {
  captureLog();
  await runInDurableObject(stub, (_object, state) =>
    state.storage.put({ endpoint: endpoint.id, home: HOME }),
  );
  await breakWith(broken());
  await setAlarm(Date.now() + 3_600_000);
  const started = Date.now();
  expect(await runDurableObjectAlarm(stub)).toBe(true);
  const next = (await alarmOf()) as number;
  expect(next).toBeGreaterThanOrEqual(started + 10_000);
  expect(next).toBeLessThan(Date.now() + 11_000);
});

test('an endpoint that is disabled wakes the other endpoints of its partner', async () => {
  // An address that is forbidden now fails without a request, and 9 attempts have failed before.
  const failing = await writeEndpoint(partner, { url: 'https://10.0.0.1/' });
  const other = await writeEndpoint(partner, { position: 9, url: 'https://10.0.0.1/' });
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO events (partner_id, sequence, id, type, created_at, subject_id, version)
       VALUES (?, 1, 'e1', 'client.updated', 1, 'c1', 2)`,
    ).bind(partner.partnerId),
    env.DB.prepare(
      'UPDATE webhook_endpoints SET failed_attempts = 9, attempted_sequence = 1 WHERE id = ?',
    ).bind(failing.id),
  ]);
  captureLog();
  const stubOf = ({ id }: TestEndpoint) => env.WEBHOOK_SCHEDULER.getByName(id);
  await runInDurableObject(stubOf(failing), async (object, state) => {
    await state.storage.put({ endpoint: failing.id, home: HOME });
    await (object as WebhookScheduler).alarm();
  });
  expect(await endpointRow(failing)).toMatchObject({ disabled_reason: 'exhausted' });
  const known = await runInDurableObject(stubOf(other), (_object, { storage }) =>
    storage.get('endpoint'),
  );
  expect(known).toBe(other.id);
});

test('a wake writes the id of the endpoint only once', async () => {
  const puts = await runInDurableObject(stub, async (object, { storage }) => {
    const put = vi.spyOn(storage, 'put');
    await object.wake(endpoint.id, HOME);
    await object.wake(endpoint.id, HOME);
    return put.mock.calls.length;
  });
  expect(puts).toBe(1);
});

describe('the object of a deleted endpoint stores nothing and has no alarm', () => {
  const api = new TestApi();
  const contentOf = () =>
    runInDurableObject(stub, async (_object, { storage }) => ({
      stored: [...(await storage.list())],
      alarm: await storage.getAlarm(),
    }));
  const isEmpty = async () => expect(await contentOf()).toEqual({ stored: [], alarm: null });

  beforeEach(async () => {
    captureLog();
    await runInDurableObject(stub, (_object, state) =>
      state.storage.put({ endpoint: endpoint.id, home: HOME }),
    );
  });

  test('after the request that deletes it', async () => {
    const woken = await api.delete(endpointPath(endpoint), partner);
    expect(woken.status).toBe(204);
    expect(api.woken).toEqual([endpoint.id]);
    await stub.wake(endpoint.id, HOME);
    await vi.waitFor(isEmpty);
  });

  test('after the alarm of an attempt that waited', async () => {
    await env.DB.prepare('DELETE FROM webhook_endpoints').run();
    await setAlarm(Date.now() + 3_600_000);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    await isEmpty();
  });

  test('after faults, and after a wake that comes later', async () => {
    await breakWith(failingDatabase());
    await waitAfterAlarm();
    await breakWith({});
    await env.DB.prepare('DELETE FROM webhook_endpoints').run();
    await runDurableObjectAlarm(stub);
    await isEmpty();
    await stub.wake(endpoint.id, HOME);
    await vi.waitFor(isEmpty);
  });

  test('after a wake during the alarm that finds it deleted', async () => {
    await env.DB.prepare('DELETE FROM webhook_endpoints').run();
    await runInDurableObject(stub, async (object) => {
      const withSession = (constraint?: string) => {
        const session = env.DB.withSession(constraint);
        const batch = async (statements: D1PreparedStatement[]) => {
          const results = await session.batch(statements);
          await object.wake(endpoint.id, HOME);
          return results;
        };
        const [prepare, getBookmark] = [session.prepare, session.getBookmark];
        return {
          prepare: prepare.bind(session),
          getBookmark: getBookmark.bind(session),
          batch,
        };
      };
      Object.assign(object, { env: workerEnv({ DB: { withSession, batch: fail } }) });
      await object.alarm();
    });
    await isEmpty();
  });
});

test('the object of a disabled endpoint keeps its id, because the endpoint can be enabled', async () => {
  await env.DB.prepare('UPDATE webhook_endpoints SET disabled_at = 1').run();
  await stub.wake(endpoint.id, HOME);
  await vi.waitFor(async () => expect(await alarmOf()).toBeNull());
  await runInDurableObject(stub, async (_object, state) =>
    expect(await state.storage.get('endpoint')).toBe(endpoint.id),
  );
});

/** Runs the alarm, and returns how long the object waits then, in whole seconds. */
async function waitAfterAlarm(): Promise<number> {
  await setAlarm(Date.now() + 3_600_000);
  const started = Date.now();
  await runDurableObjectAlarm(stub);
  return Math.floor((((await alarmOf()) as number) - started) / 1000);
}

describe('after faults in a row', () => {
  beforeEach(async () => {
    captureLog();
    await runInDurableObject(stub, (_object, state) =>
      state.storage.put({ endpoint: endpoint.id, home: HOME }),
    );
    await breakWith(failingDatabase());
  });

  test('the wait doubles up to ten minutes', async () => {
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      waits.push(await waitAfterAlarm());
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 320, 600, 600]);
  });

  test('a wake does not shorten the wait', async () => {
    await waitAfterAlarm();
    await waitAfterAlarm();
    const until = await alarmOf();
    await stub.wake(endpoint.id, HOME);
    expect(await alarmOf()).toBe(until);
    // The runtime forgets an alarm that it could not run.
    await runInDurableObject(stub, (_object, state) => state.storage.deleteAlarm());
    await stub.wake(endpoint.id, HOME);
    expect(await alarmOf()).toBe(until);
  });

  test('a wake during the alarm does not shorten the wait', async () => {
    await runInDurableObject(stub, (object) => {
      const prepare = () => ({ bind: () => undefined });
      const batch = async () => {
        await object.wake(endpoint.id, HOME);
        fail();
      };
      const DB = { prepare, batch, withSession: () => ({ prepare, batch }) };
      Object.assign(object, { env: workerEnv({ DB }) });
    });
    expect(await waitAfterAlarm()).toBe(10);
  });

  test('a success ends the wait, and the next fault waits ten seconds again', async () => {
    await waitAfterAlarm();
    await waitAfterAlarm();
    await breakWith({});
    await runDurableObjectAlarm(stub);
    expect(await alarmOf()).toBeNull();
    await breakWith(failingDatabase());
    expect(await waitAfterAlarm()).toBe(10);
  });
});

function fail(): never {
  throw new Error('D1_ERROR: Network connection lost.');
}
