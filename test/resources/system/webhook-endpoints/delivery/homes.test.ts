import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { LogLine } from '../../../../../src/context.ts';
import { type Home, MAIN_HOME } from '../../../../../src/homes.ts';
import {
  type WebhookScheduler,
  wakeEndpoint,
} from '../../../../../src/resources/system/webhook-endpoints/delivery/scheduler.ts';
import { wakeLagging } from '../../../../../src/resources/system/webhook-endpoints/delivery/wake.ts';
import { START, TestApi } from '../../../../support/api.ts';
import { overloaded, WatchedD1 } from '../../../../support/d1.ts';
import { type CreatedEndpoint, makeEndpoint } from '../../../../support/endpoints.ts';
import { captureLog } from '../../../../support/faults.ts';
import { eu, homesOf, nameDatabase, twoHomes, useEu } from '../../../../support/homes.ts';
import { Invocation } from '../../../../support/invocation.ts';
import { makePartner } from '../../../../support/partners.ts';
import { createTicket } from '../../../../support/tickets.ts';

useEu();

describe('the Durable Object of an endpoint', () => {
  let api: TestApi;
  let endpoint: CreatedEndpoint;
  let stub: DurableObjectStub<WebhookScheduler>;

  beforeEach(async () => {
    captureLog();
    api = new TestApi(twoHomes);
    const european = await makePartner({ home: eu });
    endpoint = await makeEndpoint(api, european);
    await createTicket(api, european);
    stub = env.WEBHOOK_SCHEDULER.getByName(endpoint.id) as DurableObjectStub<WebhookScheduler>;
    await bindObject({});
  });

  /** Replaces bindings of the object. */
  const bindObject = (bindings: object) =>
    runInDurableObject(stub, (object) => {
      Object.assign(object, { env: { ...env, ...twoHomes, ...bindings } });
    });

  const stored = () =>
    runInDurableObject(stub, async (_object, { storage }) =>
      Object.fromEntries(await storage.list()),
    );

  /** Runs the alarm, and returns in how many seconds it is set again; null if it is not. */
  async function alarmAfterAlarm(): Promise<number | null> {
    await runInDurableObject(stub, (_object, state) => state.storage.setAlarm(Date.now() + 3e6));
    const started = Date.now();
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    const alarm = await runInDurableObject(stub, (_object, state) => state.storage.getAlarm());
    return alarm && Math.floor((alarm - started) / 1000);
  }

  const attempts = async () => {
    const { results } = await env.DB_EU.prepare('SELECT error FROM webhook_deliveries').all();
    return results.length;
  };

  test('knows its home from its first wake, and works there', async () => {
    // The network of the object is the real one, so the attempt must fail before a request.
    await eu.database.batch([
      env.DB.prepare("UPDATE webhook_endpoints SET url = 'https://10.0.0.1/'"),
    ]);
    await wakeEndpoint({ ...env, ...twoHomes } as Env, eu, endpoint.id);
    await stub.wake(endpoint.id, 'main');
    expect(await stored()).toMatchObject({ endpoint: endpoint.id, home: 'eu' });
    await vi.waitFor(async () => expect(await attempts()).toBe(1));
  });

  test('of an endpoint that does not exist in its home deletes what it stores', async () => {
    await stub.wake(endpoint.id, 'eu');
    await eu.database.batch([env.DB.prepare('DELETE FROM webhook_endpoints')]);
    await alarmAfterAlarm();
    expect(await stored()).toEqual({});
  });

  const wrong: [string, () => object][] = [
    ['is not configured any more', () => ({ HOMES: '[]' })],
    ['does not answer', () => ({ DB_EU: failing().db })],
    ['has a wrong database', () => ({ DB_EU: new WatchedD1(env.DB).db })],
    ['has a database without a row', () => ({ DB_EU: new WatchedD1(env.DB_EU).db })],
  ];
  const failing = () => Object.assign(new WatchedD1(env.DB_EU), { fault: overloaded() });

  test.each(wrong)('tries again and stays if its home %s', async (what, bindings) => {
    await runInDurableObject(stub, (_object, { storage }) =>
      storage.put({ endpoint: endpoint.id, home: 'eu' }),
    );
    if (what.endsWith('without a row')) {
      await nameDatabase(env.DB_EU);
    }
    await eu.database.batch([env.DB.prepare('DELETE FROM webhook_endpoints')]);
    await bindObject(bindings());
    expect(await alarmAfterAlarm()).toBe(10);
    expect(await alarmAfterAlarm()).toBe(20);
    expect(await stored()).toMatchObject({ endpoint: endpoint.id, home: 'eu' });
  });

  test('of before homes belongs to main', async () => {
    const partner = await makePartner();
    const made = await makeEndpoint(api, partner);
    const old = env.WEBHOOK_SCHEDULER.getByName(made.id) as DurableObjectStub<WebhookScheduler>;
    await runInDurableObject(old, async (object, { storage }) => {
      Object.assign(object, { env: { ...env, ...twoHomes } });
      await storage.put('endpoint', made.id);
      await object.alarm();
      expect(await storage.get('endpoint')).toBe(made.id);
      await env.DB.prepare('DELETE FROM webhook_endpoints').run();
      await object.alarm();
      expect(await storage.get('endpoint')).toBeUndefined();
    });
  });
});

describe('a wake uses the namespace', () => {
  const wake = vi.fn(async () => undefined);
  const namespace = () => ({ getByName: vi.fn(() => ({ wake })), jurisdiction: vi.fn() });

  async function wakeIn(home: Home, ISSUER: string) {
    wake.mockClear();
    const [own, everywhere] = [namespace(), namespace()];
    everywhere.jurisdiction.mockReturnValue(own);
    const bindings = { WEBHOOK_SCHEDULER: everywhere, ISSUER, WEBHOOK_LOCATION: 'weur' };
    await wakeEndpoint({ ...env, ...bindings } as never as Env, home, 'e1');
    expect(wake.mock.calls).toEqual([['e1', home.name]]);
    const named = own.getByName.mock.calls.length > 0 ? own : everywhere;
    expect(named.getByName.mock.calls).toEqual([['e1', { locationHint: 'weur' }]]);
    return { jurisdictions: everywhere.jurisdiction.mock.calls.flat(), isOwn: named === own };
  }

  const european: Home = { ...eu, jurisdiction: 'eu' };

  test('of the jurisdiction of its home', async () => {
    expect(await wakeIn(european, 'https://tickets.test')).toEqual({
      jurisdictions: ['eu'],
      isOwn: true,
    });
  });

  test.each<[string, Home, string]>([
    ['if the home has none', eu, 'https://tickets.test'],
    ['in main', { ...MAIN_HOME, epoch: 1 }, 'https://tickets.test'],
    [
      'in a local deployment, whose runtime has no jurisdictions',
      european,
      'http://localhost:8787',
    ],
  ])('without a jurisdiction %s', async (_what, home, issuer) => {
    expect(await wakeIn(home, issuer)).toEqual({ jurisdictions: [], isOwn: false });
  });
});

describe('the trigger of each minute with two homes', () => {
  let lines: LogLine[];
  let woken: string[];
  let main: WatchedD1;
  let european: WatchedD1;

  beforeEach(() => {
    lines = [];
    woken = [];
    [main, european] = [new WatchedD1(), new WatchedD1(env.DB_EU)];
  });

  const run = (HOMES = homesOf()) =>
    wakeLagging(
      new Invocation().bind({ ...env, DB: main.db, DB_EU: european.db, HOMES } as Env),
      {
        now: () => START,
        log: (line) => lines.push(line),
        wakeEndpoint: async (_env, home, id) => {
          woken.push(`${home.name} ${id}`);
        },
      },
      START,
    );

  /** Writes endpoints of a partner that lag since an hour. */
  async function writeLagging(db: D1Database, partnerId: number, count: number): Promise<void> {
    await db.batch([
      db
        .prepare(
          `INSERT INTO events (partner_id, sequence, id, type, created_at, subject_id)
           VALUES (?, 1, 'e1', 'client.updated', ?, 'c')`,
        )
        .bind(partnerId, START - 3_600_000),
      db
        .prepare(
          `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
           INSERT INTO webhook_endpoints (id, partner_id, created_at, url, description, secret, position)
           SELECT format('%06d', i), ?1, 0, 'https://slow.example.com/', '', '', 0 FROM n`,
        )
        .bind(partnerId, count),
    ]);
  }

  test('makes one query in each home, and wakes with the home, which each line names', async () => {
    await writeLagging(env.DB, (await makePartner()).partnerId, 2);
    await writeLagging(env.DB_EU, (await makePartner({ home: eu })).partnerId, 2);
    await run();
    expect([main.calls, european.calls]).toEqual([1, 1]);
    expect(woken).toEqual(['main 000001', 'eu 000001', 'main 000002', 'eu 000002']);
    expect(lines.map(({ event, home, woken }) => ({ event, home, woken }))).toEqual(
      ['main', 'eu', 'main', 'eu'].map((home) => ({ event: 'webhook', home, woken: true })),
    );
  });

  test('shares the places of a run evenly', async () => {
    await writeLagging(env.DB, (await makePartner()).partnerId, 1500);
    await writeLagging(env.DB_EU, (await makePartner({ home: eu })).partnerId, 1500);
    await run('[]');
    const places = woken.length;
    expect(places).toBeGreaterThanOrEqual(400);
    woken = [];
    await run();
    const of = (home: string) => woken.filter((one) => one.startsWith(home)).length;
    expect([of('main'), of('eu')]).toEqual([places / 2, places / 2]);
  });

  test('wakes the endpoints of the other homes if one does not answer, and fails in the end', async () => {
    await writeLagging(env.DB_EU, (await makePartner({ home: eu })).partnerId, 1);
    main.fault = overloaded();
    await expect(run()).rejects.toThrow('overloaded');
    expect(woken).toEqual(['eu 000001']);
    expect(lines).toMatchObject([
      { event: 'fault', task: 'wakes', home: 'main', error: 'DatabaseUnavailable' },
      { event: 'webhook', home: 'eu' },
    ]);
  });
});
