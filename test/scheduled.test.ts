import { createScheduledController } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sha256 } from '../src/auth/secrets.ts';
import type { LogLine } from '../src/context.ts';
import worker from '../src/index.ts';
import { removeExpired } from '../src/scheduled.ts';
import { START, TestApi, TICKETS } from './support/api.ts';
import { clients, kinds } from './support/credentials.ts';
import { allRows, WatchedD1 } from './support/d1.ts';
import { stillWorld } from './support/dependencies.ts';
import { captureLog, retryAtOnce } from './support/faults.ts';
import { FaultyD1 } from './support/faulty-d1.ts';
import { keptCounts, naiveCounts } from './support/naive-list.ts';
import { makePartner, type TestPartner } from './support/partners.ts';
import { newTicket } from './support/tickets.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** The maximum number of rows that one statement removes. */
const MAX_ROWS_PER_BATCH = 500;
/** The maximum number of rows that one run removes. */
const MAX_ROWS_PER_RUN = 20_000;

let d1: WatchedD1;
let partner: TestPartner;
let lines: LogLine[];

beforeEach(async () => {
  d1 = new WatchedD1();
  partner = await makePartner();
  lines = [];
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs the tasks of the cron trigger. */
const run = (now: number, db = d1.db) =>
  removeExpired({ ...env, DB: db } as Env, {
    ...stillWorld,
    now: () => now,
    log: (line) => lines.push(line),
  });

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
 * Round trips of the tasks that remove other things and find none: one each of secrets, events, deliveries and
 * sealed secrets and keys of the scanner, two of counts.
 */
const OTHER_TASK_CALLS = 7;

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
    expect(lines).toEqual([
      { event: 'scheduled', task: 'idempotency-keys', removed: 3 },
      { event: 'scheduled', task: 'credentials', removed: 0 },
      { event: 'scheduled', task: 'events', removed: 0 },
      { event: 'scheduled', task: 'deliveries', removed: 0 },
      { event: 'scheduled', task: 'webhook-secrets', removed: 0 },
      { event: 'scheduled', task: 'ticket-counts', removed: 0 },
      { event: 'scheduled', task: 'scanner-keys', removed: 0 },
    ]);
  });

  test('keeps the tickets of expired idempotency keys', async () => {
    const api = new TestApi();
    const request = { as: partner, body: newTicket, headers: { 'idempotency-key': 'k' } };
    await api.request('POST', TICKETS, request);
    const before = await allRows();
    await run(START + DAY_MS);
    expect(await allRows()).toEqual({ ...before, idempotency_keys: [] });
    expect(await keptCounts()).toEqual(await naiveCounts());
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

  test('removes at most 20,000 idempotency keys, and the next run continues', async () => {
    await keepKeys(MAX_ROWS_PER_RUN + 7, START - DAY_MS, 'expired');
    expect(await d1.cost(() => run(START))).toBe(
      MAX_ROWS_PER_RUN / MAX_ROWS_PER_BATCH + OTHER_TASK_CALLS,
    );
    expect(await keptKeys()).toBe(7);
    await run(START);
    expect(await keptKeys()).toBe(0);
    expect(linesOf('idempotency-keys')).toMatchObject([
      { removed: MAX_ROWS_PER_RUN },
      { removed: 7 },
    ]);
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
  const HOUR = DAY_MS / 24;

  test.each(kinds)(
    'removes retired secrets of a $name that expired an hour ago, and no others',
    async (kind) => {
      const api = new TestApi();
      const made = await kind.make(api, partner);
      const second = await kind.rotate(api, partner, made, HOUR / 1000);
      const third = await kind.rotate(api, partner, made, HOUR / 1000 + 1);
      const before = await allRows();
      await run(START + 2 * HOUR - 1);
      expect(await allRows()).toEqual(before);
      await run(START + 2 * HOUR);
      const { retired_secrets: left = [], ...rest } = await allRows();
      expect(left.map((row) => JSON.parse(row).sha256)).toEqual([await sha256(second.secret)]);
      expect({ ...rest, retired_secrets: before.retired_secrets }).toEqual(before);
      expect(linesOf('credentials')).toMatchObject([{ removed: 0 }, { removed: 1 }]);
      api.now = START + HOUR;
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

  test('removes retired secrets in batches, at most 20,000, and the next run continues', async () => {
    const fill = (count: number) =>
      env.DB.prepare(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
         INSERT INTO retired_secrets SELECT i, '${partner.clientId}', NULL, 0, 1 FROM n WHERE true`,
      ).run();
    const left = async () => (await allRows()).retired_secrets?.length;
    await fill(MAX_ROWS_PER_BATCH + 7);
    expect(await d1.cost(() => run(START))).toBe(OTHER_TASK_CALLS + 2);
    expect(await left()).toBe(0);
    await fill(MAX_ROWS_PER_RUN + 7);
    expect(await d1.cost(() => run(START))).toBe(
      OTHER_TASK_CALLS + MAX_ROWS_PER_RUN / MAX_ROWS_PER_BATCH,
    );
    expect(await left()).toBe(7);
    await run(START);
    expect(linesOf('credentials')).toMatchObject([
      { removed: MAX_ROWS_PER_BATCH + 7 },
      { removed: MAX_ROWS_PER_RUN },
      { removed: 7 },
    ]);
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

test('a failing task is logged, does not stop the other task, and fails the run', async () => {
  await keepKeys(1, START - DAY_MS, 'expired');
  const made = await clients.make(new TestApi(), partner);
  await clients.rotate(new TestApi(), partner, made, 1);
  const faulty = new FaultyD1();
  faulty.plan((call) => (call === 1 ? 'broken' : undefined));
  await expect(run(START + DAY_MS, faulty.db)).rejects.toThrow('no such column');
  expect(lines).toMatchObject([
    { event: 'fault', task: 'idempotency-keys', error: 'DatabaseFault' },
    { event: 'scheduled', task: 'credentials', removed: 1 },
    { event: 'scheduled', task: 'events', removed: 0 },
    { event: 'scheduled', task: 'deliveries', removed: 0 },
    { event: 'scheduled', task: 'webhook-secrets', removed: 0 },
    { event: 'scheduled', task: 'ticket-counts', removed: 0 },
    { event: 'scheduled', task: 'scanner-keys', removed: 0 },
  ]);
  await run(START + DAY_MS);
  expect(await keptKeys()).toBe(0);
});

test('the cron trigger of the Worker runs the tasks', async () => {
  const log = captureLog();
  await keepKeys(1, Date.now() - DAY_MS, 'expired');
  await keepKeys(1, Date.now(), 'kept');
  await worker.scheduled(createScheduledController(), env);
  expect(await keptKeys()).toBe(1);
  expect(log.lines.map((line) => JSON.parse(line))).toEqual([
    { event: 'scheduled', task: 'idempotency-keys', removed: 1 },
    { event: 'scheduled', task: 'credentials', removed: 0 },
    { event: 'scheduled', task: 'events', removed: 0 },
    { event: 'scheduled', task: 'deliveries', removed: 0 },
    { event: 'scheduled', task: 'webhook-secrets', removed: 0 },
    { event: 'scheduled', task: 'ticket-counts', removed: 0 },
    { event: 'scheduled', task: 'scanner-keys', removed: 0 },
  ]);
});
