import { createScheduledController } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { LogLine } from '../../../../../src/context.ts';
import { Database } from '../../../../../src/db/client.ts';
import type { Home } from '../../../../../src/homes.ts';
import worker from '../../../../../src/index.ts';
import { findLagging } from '../../../../../src/resources/system/webhook-endpoints/delivery/lagging.repository.ts';
import { wakeLagging } from '../../../../../src/resources/system/webhook-endpoints/delivery/wake.ts';
import { HOUR_MS, MINUTE_MS, START } from '../../../../support/api.ts';
import { captureLog } from '../../../../support/faults.ts';
import { databaseOf, everywhere, homes, workerEnv } from '../../../../support/homes.ts';
import { Invocation } from '../../../../support/invocation.ts';
import { makePartner } from '../../../../support/partners.ts';
import { type TestEndpoint, writeEndpoint } from '../../../../support/webhooks.ts';

/** The subrequests that one invocation may make. */
const MAX_SUBREQUESTS = 1000;

let woken: string[];
let lines: LogLine[];

beforeEach(() => {
  woken = [];
  lines = [];
});

/** Runs the cron trigger at a time. @returns the ids of the endpoints that it wakes. */
async function run(
  at: number,
  wakeEndpoint = async (_env: Env, _home: Home, id: string): Promise<void> => {
    woken.push(id);
  },
): Promise<string[]> {
  woken = [];
  const bindings = new Invocation().bind(workerEnv());
  const log = (line: LogLine) => lines.push(line);
  await wakeLagging(bindings, { now: () => at, log, wakeEndpoint }, at);
  expect(woken.length).toBeLessThan(MAX_SUBREQUESTS - 10);
  return woken;
}

/** Writes events of a partner, the last of them at a time and the others a second apart before it. */
async function writeEvents(partnerId: number, count: number, newestAt: number): Promise<void> {
  await databaseOf({ partnerId })
    .prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
     INSERT INTO events (partner_id, sequence, id, type, created_at, subject_id)
     SELECT ?1, i, 'e' || i, 'client.updated', ?3 - (?2 - i) * 1000, 'c' FROM n`,
    )
    .bind(partnerId, count, newestAt)
    .run();
}

/**
 * Writes endpoints of a new partner that are some events behind since an hour.
 *
 * @param attemptedAt the end of the last attempt of each; no attempt was made if it is missing.
 */
async function writeSlow(count: number, behind: number, attemptedAt?: number): Promise<void> {
  const { partnerId } = await makePartner();
  await writeEvents(partnerId, behind + 1, START - HOUR_MS);
  await databaseOf({ partnerId })
    .prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
     INSERT INTO webhook_endpoints (id, partner_id, created_at, url, description, secret, position, newest_delivery)
     SELECT format('slow-%s-%06d', ?1, i), ?1, 0, 'https://slow.example.com/', '', '', 1, ?3 FROM n`,
    )
    .bind(partnerId, count, attemptedAt === undefined ? 0 : 7)
    .run();
  if (attemptedAt !== undefined) {
    await databaseOf({ partnerId })
      .prepare(
        `INSERT INTO webhook_deliveries
       SELECT id, 7, 'e1', 'client.updated', 1, 1, ?2 - 15000, 15000, 204, NULL, NULL
       FROM webhook_endpoints WHERE partner_id = ?1`,
      )
      .bind(partnerId, attemptedAt)
      .run();
  }
}

/** Writes an endpoint of a new partner that is some events behind, the last of which is of a time. */
async function writeLagging(behind: number, newestAt: number): Promise<TestEndpoint> {
  const partner = await makePartner();
  await writeEvents(partner.partnerId, behind + 1, newestAt);
  return writeEndpoint(partner, { position: 1 });
}

/** Returns the ids that are woken by runs of the cron trigger in the following minutes. */
async function wokenWithin(minutes: number): Promise<Set<string>> {
  const all = new Set<string>();
  for (let i = 1; i <= minutes; i++) {
    for (const id of await run(START + i * MINUTE_MS)) {
      all.add(id);
    }
  }
  return all;
}

describe('an endpoint that lags is woken within two minutes', () => {
  test.each<[string, number, number | undefined, number, number]>([
    ['one event behind beside 2,000 that are far behind', 50, undefined, 1, START],
    [
      'one event behind beside 2,000 that are far behind and newer',
      50,
      undefined,
      1,
      START - 2 * HOUR_MS,
    ],
    ['one event behind beside 2,000 that are so too', 1, undefined, 1, START],
    ['5 events behind beside 2,000 that are one behind', 1, undefined, 5, START],
    [
      '5 events behind since a day beside 2,000 slow ones that are one behind',
      1,
      START + MINUTE_MS,
      5,
      START - 24 * HOUR_MS,
    ],
  ])('%s', async (_what, behindOfSlow, attemptedAt, behind, newestAt) => {
    await writeSlow(2000, behindOfSlow, attemptedAt);
    const { id } = await writeLagging(behind, newestAt);
    expect(await wokenWithin(2)).toContain(id);
  });

  test('beside 10,000 that are one event behind', async () => {
    await writeSlow(10_000, 1);
    const { id } = await writeLagging(1, START);
    expect(await run(START + MINUTE_MS)).toContain(id);
  });
});

test('all of 2,000 endpoints that no object works on are woken within five runs', async () => {
  await writeSlow(2000, 50);
  // The homes share the places of a run.
  expect((await wokenWithin(5 * homes.length)).size).toBe(2000);
});

test('an endpoint whose object works is not woken, and is woken 45 seconds after its last attempt', async () => {
  await writeSlow(3, 50, START);
  expect(await run(START + 44_999)).toEqual([]);
  expect(await run(START + 45_000)).toHaveLength(3);
});

test('a test delivery does not count as work', async () => {
  await writeSlow(1, 50, START);
  await everywhere('UPDATE webhook_deliveries SET sequence = NULL');
  expect(await run(START + 1000)).toHaveLength(1);
});

test.each([
  ['has everything', 'UPDATE webhook_endpoints SET position = 2'],
  ['is disabled', 'UPDATE webhook_endpoints SET disabled_at = 1'],
  ['waits for its next attempt', `UPDATE webhook_endpoints SET next_attempt_at = ${START + 1}`],
  ['belongs to a disabled partner', 'UPDATE partners SET disabled_at = 1'],
])('an endpoint is not woken if it %s', async (_what, statement) => {
  const { id } = await writeLagging(1, START);
  expect(await run(START)).toEqual([id]);
  await everywhere(statement);
  expect(await run(START)).toEqual([]);
});

test('an endpoint whose next attempt is due is woken before those that lag since an hour', async () => {
  await writeSlow(2000, 1);
  const { id } = await writeLagging(9, START - 2 * HOUR_MS);
  await everywhere('UPDATE webhook_endpoints SET next_attempt_at = ? WHERE id = ?', START, id);
  expect((await run(START)).at(0)).toBe(id);
});

test('at most 25 calls are made at a time, and those that hang hold up the others for 5 seconds', async () => {
  await writeSlow(60, 1);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const called: string[] = [];
  const running = run(START, (_env, _home, id) => {
    called.push(id);
    return new Promise(() => {});
  });
  for (const calls of [25, 50, 60]) {
    for (let i = 0; i < 50 && called.length < calls; i++) {
      await scheduler.wait(10);
    }
    await vi.advanceTimersByTimeAsync(4999);
    expect(called).toHaveLength(calls);
    await vi.advanceTimersByTimeAsync(1);
  }
  await running;
  expect(new Set(called).size).toBe(60);
  expect(lines.map((line) => line.woken)).toEqual(Array(60).fill(false));
});

test('an object that cannot be reached is logged, and the others are woken', async () => {
  await writeSlow(60, 1);
  await run(START, async (_env, _home, id) => {
    if (id.endsWith('7')) {
      throw new Error('The object cannot be reached.');
    }
    woken.push(id);
  });
  expect(woken).toHaveLength(54);
  expect(lines.filter((line) => line.woken === false)).toHaveLength(6);
});

test('each line of the log says how far an endpoint is behind, and names no address', async () => {
  const { id } = await writeLagging(5, START);
  await run(START);
  expect(lines).toEqual([
    {
      event: 'webhook',
      home: homes[0].name,
      ...{ partner: expect.any(Number), endpoint: id, behind: 5, failed_attempts: 0, woken: true },
    },
  ]);
});

test.each([
  ['', {}],
  ['weur', { locationHint: 'weur' }],
])(
  'the trigger of each minute wakes the objects, with the location "%s"',
  async (location, options) => {
    captureLog();
    const { id } = await writeLagging(1, START);
    const wake = vi.fn(async () => undefined);
    const WEBHOOK_SCHEDULER = { getByName: vi.fn(() => ({ wake })) };
    const controller = createScheduledController({ cron: '* * * * *' });
    const bindings = workerEnv({ WEBHOOK_SCHEDULER, WEBHOOK_LOCATION: location });
    await worker.scheduled(controller, bindings);
    expect(WEBHOOK_SCHEDULER.getByName.mock.calls).toEqual([[id, options]]);
    expect(wake.mock.calls).toEqual([[id, homes[0].name]]);
  },
);

test('a run makes one round trip, and reads 2 rows for each endpoint and 14 more for each that it can wake', async () => {
  const cost = async () => {
    const db = new Database(env.DB, undefined, 20_000);
    await findLagging(db, START, START, 1);
    return db.cost;
  };
  await writeSlow(2000, 50);
  const crowded = await cost();
  expect(crowded).toMatchObject({ roundTrips: 1, rowsWritten: 0 });
  expect(crowded.rowsRead).toBeLessThanOrEqual(2000 * 16);
  await env.DB.prepare('UPDATE webhook_endpoints SET position = 51').run();
  const quiet = await cost();
  expect(quiet.rowsRead).toBeGreaterThan(2000);
  expect(quiet.rowsRead).toBeLessThanOrEqual(2000 * 2 + 10);
});
