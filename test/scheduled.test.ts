import { createScheduledController } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { sha256 } from '../src/auth/secrets.ts';
import type { LogLine } from '../src/context.ts';
import { Database } from '../src/db/client.ts';
import worker from '../src/index.ts';
import { updateFullPartners } from '../src/resources/tickets/prepared-tickets/quota.repository.ts';
import { DAY_MS, HOUR_MS, START, TestApi, TICKETS } from './support/api.ts';
import { clients, kinds } from './support/credentials.ts';
import { runCron } from './support/cron.ts';
import { allRows, WatchedD1 } from './support/d1.ts';
import { stillWorld } from './support/dependencies.ts';
import { captureLog, retryAtOnce } from './support/faults.ts';
import { FaultyD1 } from './support/faulty-d1.ts';
import { homeOf, homes, main, workerEnv } from './support/homes.ts';
import { expectExactCounts } from './support/naive-list.ts';
import { makePartner, type TestPartner } from './support/partners.ts';
import { newTicket } from './support/tickets.ts';

/** The maximum number of rows that one statement removes. */
const MAX_ROWS_PER_BATCH = 500;

let d1: WatchedD1;
let partner: TestPartner;
let lines: LogLine[];

beforeEach(async () => {
  d1 = new WatchedD1();
  partner = await makePartner();
  lines = [];
});

/** Runs the tasks of the cron trigger. */
const run = (now: number, db = d1.db) =>
  runCron(
    { ...stillWorld, now: () => now, log: (line) => line.home === HOME && lines.push(line) },
    { DB: db },
  );

/** Stores idempotency keys that were created at a time. */
async function keepKeys(count: number, createdAt: number, prefix: string) {
  await env.DB.prepare(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     INSERT INTO idempotency_keys (partner_id, space, key, fingerprint, result, expires_at)
     SELECT ?, 'tickets', ? || i, '', '{}', ? FROM n WHERE i <= ?`,
  )
    .bind(count, partner.partnerId, prefix, createdAt + DAY_MS, count)
    .run();
}

/** Returns the log lines of a task. */
const linesOf = (task: string) => lines.filter((line) => line.task === task);

/**
 * Round trips of the tasks that remove other things and find none: one each of secrets, events, deliveries,
 * sealed secrets and quotas, two of counts, and one of the keys of the scanner in `main`. The size needs none.
 */
const OTHER_TASK_CALLS = homes[0] === main ? 8 : 7;

/** The name of the home of the partner. */
const HOME = homes[0].name;

/** The line for the size of a small database. */
const sizeLine: LogLine = {
  event: 'scheduled',
  home: HOME,
  task: 'database-size',
  bytes: expect.any(Number),
  percent: 0,
};

const TASKS = [
  ...['quotas', 'idempotency-keys', 'credentials', 'events', 'deliveries', 'webhook-secrets'],
  ...['ticket-counts', ...(homes[0] === main ? ['scanner-keys'] : [])],
];

/** Returns lines in the order of the names of their tasks. */
const inOrder = (some: readonly LogLine[]) =>
  some.toSorted((a, b) => `${a.task}`.localeCompare(`${b.task}`));

/** The lines of a run whose tasks remove these numbers of rows, or none, in this order. */
const linesAfter = (removed: Record<string, number>) =>
  inOrder([
    ...TASKS.map((task) => ({
      ...{ event: 'scheduled' as const, home: HOME, task },
      removed: removed[task] ?? 0,
    })),
    sizeLine,
  ]);

async function keptKeys(): Promise<number> {
  return (await allRows()).idempotency_keys?.length ?? 0;
}

describe('the scheduled run', () => {
  test('removes expired idempotency keys and no others', async () => {
    await keepKeys(3, START - DAY_MS, 'expired');
    await keepKeys(2, START - DAY_MS + 1, 'kept');
    await run(START);
    const { idempotency_keys: rows = [] } = await allRows();
    expect(rows.map((row) => JSON.parse(row).key)).toEqual(['kept1', 'kept2']);
    expect(inOrder(lines)).toEqual(linesAfter({ 'idempotency-keys': 3 }));
  });

  test('keeps the tickets of expired idempotency keys', async () => {
    const api = new TestApi();
    const request = { as: partner, body: newTicket, headers: { 'idempotency-key': 'k' } };
    await api.request('POST', TICKETS, request);
    const before = await allRows();
    await run(START + DAY_MS);
    expect(await allRows()).toEqual({ ...before, idempotency_keys: [] });
    await expectExactCounts();
    api.now = START + DAY_MS;
    const next = await api.request('POST', TICKETS, request);
    expect(next.status).toBe(201);
    expect(next.headers.has('idempotent-replayed')).toBe(false);
  });

  test.each([
    [0, 1],
    [1, 1],
    [MAX_ROWS_PER_BATCH - 1, 1],
    [MAX_ROWS_PER_BATCH, 2],
    [MAX_ROWS_PER_BATCH + 1, 2],
    [3 * MAX_ROWS_PER_BATCH + 1, 4],
  ])('removes %d idempotency keys in %d batches', async (count, batches) => {
    await keepKeys(count, START - DAY_MS, 'expired');
    expect(await d1.cost(() => run(START))).toBe(batches + OTHER_TASK_CALLS);
    expect(await keptKeys()).toBe(0);
    expect(linesOf('idempotency-keys')).toMatchObject([{ removed: count }]);
  });
});

test('a transient fault is retried', async () => {
  retryAtOnce();
  await keepKeys(3, START - DAY_MS, 'expired');
  d1.fault = new Error('D1_ERROR: Network connection lost.');
  const running = run(START);
  d1.fault = undefined;
  await running;
  expect(await keptKeys()).toBe(0);
});

describe('the scheduled run for credentials', () => {
  test.each(kinds)(
    'removes retired secrets of a $name that expired an hour ago, and no others',
    async (kind) => {
      const api = new TestApi();
      const made = await kind.make(api, partner);
      const second = await kind.rotate(api, partner, made, HOUR_MS / 1000);
      const third = await kind.rotate(api, partner, made, HOUR_MS / 1000 + 1);
      const before = await allRows();
      await run(START + 2 * HOUR_MS - 1);
      expect(await allRows()).toEqual(before);
      await run(START + 2 * HOUR_MS);
      const { retired_secrets: left = [], ...rest } = await allRows();
      expect(left.map((row) => JSON.parse(row).sha256)).toEqual([await sha256(second.secret)]);
      expect({ ...rest, retired_secrets: before.retired_secrets }).toEqual(before);
      expect(linesOf('credentials')).toMatchObject([{ removed: 0 }, { removed: 1 }]);
      api.now = START + HOUR_MS;
      for (const good of [second, third]) {
        expect((await kind.trySecret(api, partner, good)).status).toBe(200);
      }
    },
  );

  test.each(kinds)(
    'removes idempotency keys of a $name after a day, and no others',
    async (kind) => {
      const api = new TestApi();
      const headers = { 'idempotency-key': 'k' };
      const post = () =>
        api.request('POST', kind.path, { as: partner, body: { name: 'x' }, headers });
      await post();
      const before = await allRows();
      await run(START + DAY_MS - 1);
      expect(await allRows()).toEqual(before);
      await run(START + DAY_MS);
      expect(await allRows()).toEqual({ ...before, idempotency_keys: [] });
      expect(linesOf('idempotency-keys')).toMatchObject([{ removed: 0 }, { removed: 1 }]);
      api.now = START + DAY_MS;
      const next = await post();
      expect([next.status, next.headers.has('idempotent-replayed')]).toEqual([201, false]);
    },
  );

  test('removes retired secrets in batches', async () => {
    await env.DB.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MAX_ROWS_PER_BATCH + 7})
       INSERT INTO retired_secrets SELECT i, '${partner.clientId}', NULL, 0, 1 FROM n WHERE true`,
    ).run();
    expect(await d1.cost(() => run(START))).toBe(OTHER_TASK_CALLS + 2);
    expect((await allRows()).retired_secrets).toEqual([]);
    expect(linesOf('credentials')).toMatchObject([{ removed: MAX_ROWS_PER_BATCH + 7 }]);
  });

  test('removes the keys of all key spaces in the same batches', async () => {
    await keepKeys(MAX_ROWS_PER_BATCH, START - DAY_MS, 'ticket');
    await env.DB.prepare("UPDATE idempotency_keys SET space = 'credentials'").run();
    await keepKeys(7, START - DAY_MS, 'ticket');
    expect(await d1.cost(() => run(START))).toBe(OTHER_TASK_CALLS + 2);
    expect(await keptKeys()).toBe(0);
    expect(linesOf('idempotency-keys')).toMatchObject([{ removed: MAX_ROWS_PER_BATCH + 7 }]);
  });
});

/** Makes the second D1 call fail, which removes idempotency keys. */
const failSecondOf = (faulty: FaultyD1) =>
  faulty.plan((call) => (call === 2 ? 'broken' : undefined));

test('a failing task is logged, does not stop the other task, and fails the run', async () => {
  await keepKeys(1, START - DAY_MS, 'expired');
  const made = await clients.make(new TestApi(), partner);
  await clients.rotate(new TestApi(), partner, made, 1);
  const faulty = new FaultyD1();
  failSecondOf(faulty);
  await expect(run(START + DAY_MS, faulty.db)).rejects.toThrow('no such column');
  const fault = { event: 'fault', home: HOME, task: 'idempotency-keys', error: 'DatabaseFault' };
  expect(inOrder(lines)).toMatchObject(
    linesAfter({ credentials: 1 }).map((line) => (line.task === fault.task ? fault : line)),
  );
  await run(START + DAY_MS);
  expect(await keptKeys()).toBe(0);
});

test('the cron trigger of the Worker runs the tasks', async () => {
  const log = captureLog();
  const now = Date.now();
  vi.spyOn(Date, 'now').mockReturnValue(now);
  await keepKeys(1, now - DAY_MS, 'expired');
  await keepKeys(1, now, 'kept');
  await worker.scheduled(createScheduledController(), workerEnv());
  expect(await keptKeys()).toBe(1);
  const ours = log.lines.map((line) => JSON.parse(line)).filter(({ home }) => home === HOME);
  expect(inOrder(ours)).toEqual(linesAfter({ 'idempotency-keys': 1 }));
});

describe('the size of the database', () => {
  /** Runs the tasks while D1 reports a size. */
  async function runWithSize(bytes: number) {
    const result = {
      results: [],
      meta: { size_after: bytes, rows_read: 0, rows_written: 0, duration: 0 },
    };
    // Of the statement that verifies the home, and those of the quotas.
    d1.results = [result, result, result];
    await run(START);
    return linesOf('database-size');
  }

  test.each([
    [0, 'scheduled', 0],
    [5_999_999_999, 'scheduled', 59],
    [6_000_000_000, 'warning', 60],
    [7_999_999_999, 'warning', 79],
    [8_000_000_000, 'fault', 80],
    [9_999_998_976, 'fault', 99],
  ])('of %d bytes is logged as %s with %d percent', async (bytes, event, percent) => {
    const [line, ...others] = await runWithSize(bytes);
    expect(line).toMatchObject({ event, bytes, percent });
    expect(others).toEqual([]);
    expect(line?.message).toBe(
      percent < 60 ? undefined : `The database uses ${percent} % of the size that D1 allows.`,
    );
  });

  test('is that of the local database', async () => {
    await run(START);
    const { meta } = await env.DB.prepare('SELECT 1').all();
    expect(meta.size_after).toBeGreaterThan(0);
    expect(linesOf('database-size')).toMatchObject([{ bytes: meta.size_after }]);
  });

  test('is logged when a task fails, and is missing while D1 does not respond', async () => {
    const faulty = new FaultyD1();
    failSecondOf(faulty);
    await expect(run(START, faulty.db)).rejects.toThrow();
    expect(linesOf('database-size')).toHaveLength(1);
    lines = [];
    faulty.plan(() => 'broken');
    await expect(run(START, faulty.db)).rejects.toThrow();
    expect(linesOf('database-size')).toEqual([]);
  });
});

describe('a full database', () => {
  test('is named by the line of each task that cannot write, and the other tasks run', async () => {
    d1.fault = new Error('D1_ERROR: Exceeded maximum DB size.');
    await expect(run(START)).rejects.toThrow('Exceeded maximum DB size');
    expect(lines).toHaveLength(TASKS.length);
    for (const line of lines) {
      expect(line).toMatchObject({ event: 'fault', error: 'DatabaseFull', full: 'database' });
    }
  });
});

describe('the quotas of partners', () => {
  const setQuota = (quota: number) =>
    env.DB.prepare('UPDATE partners SET max_prepared_tickets = ? WHERE id = ?')
      .bind(quota, partner.partnerId)
      .run();
  const quotaLines = () => lines.filter(({ event }) => event === 'quota');

  test('are compared with the tickets, and each partner that changes has a line', async () => {
    await makePartner();
    await setQuota(0);
    await run(START);
    const resource = 'prepared_tickets';
    const line = { event: 'quota', home: HOME, partner: partner.partnerId, resource, quota: 0 };
    expect(quotaLines()).toEqual([{ ...line, full: true }]);
    expect(linesOf('quotas')).toMatchObject([{ removed: 1 }]);
    await run(START);
    expect(quotaLines(), 'nothing changed').toHaveLength(1);
    await setQuota(1);
    await run(START);
    expect(quotaLines()[1]).toEqual({ ...line, full: false, quota: 1 });
  });

  test('are compared with the product lines as well', async () => {
    await env.DB.prepare('UPDATE partners SET max_product_lines = 0, max_prepared_tickets = 0')
      .bind()
      .run();
    await run(START);
    const line = { event: 'quota', home: HOME, partner: partner.partnerId, full: true, quota: 0 };
    expect(quotaLines()).toEqual([
      { ...line, resource: 'prepared_tickets' },
      { ...line, resource: 'product_lines' },
    ]);
    expect(linesOf('quotas')).toMatchObject([{ removed: 2 }]);
  });

  test('cost two rows for each partner and for each bucket, and six more', async () => {
    const api = new TestApi({}, { ticketsPerPart: 1 });
    const BUCKETS = 5;
    const PARTNERS = 20;
    for (let i = 0; i < 4 * BUCKETS; i++) {
      api.now += 1;
      await api.post(TICKETS, partner, { ...newTicket, customer_id: crypto.randomUUID() });
    }
    for (let i = 1; i < PARTNERS; i++) {
      await makePartner({ home: homeOf(partner) });
    }
    const db = new Database(env.DB, undefined, 10_000);
    await updateFullPartners(db, START);
    expect(db.cost.rowsRead).toBeLessThanOrEqual(2 * (PARTNERS + BUCKETS + 3));
    expect(db.cost.rowsRead).toBeGreaterThan(PARTNERS);
    expect(db.cost.rowsWritten).toBe(0);
  });
});
