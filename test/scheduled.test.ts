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
import { captureLog } from './support/faults.ts';
import { FaultyD1 } from './support/faulty-d1.ts';
import { keptCounts, naiveCounts } from './support/naive-list.ts';
import { makePartner, type TestPartner } from './support/partners.ts';
import { newTicket } from './support/tickets.ts';

const DAY = 24 * 60 * 60 * 1000;
/** What one statement removes at most, and what one run does. */
const BATCH = 500;
const RUN = 20_000;

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

/** Runs what the cron trigger runs. */
const run = (now: number, db = d1.db) =>
  removeExpired({ ...env, DB: db } as Env, {
    ...stillWorld,
    now: () => now,
    log: (line) => lines.push(line),
  });

/** Keeps this many keys as of a time. */
async function keepKeys(count: number, createdAt: number, prefix: string) {
  await env.DB.prepare(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     INSERT INTO idempotency_keys (partner_id, space, key, fingerprint, result, expires_at)
     SELECT ?, 'tickets', ? || i, '', '{}', ? FROM n WHERE i <= ?`,
  )
    .bind(count, partner.partnerId, prefix, createdAt + DAY, count)
    .run();
}

/** What the log says of one task. */
const told = (task: string) => lines.filter((line) => line.task === task);

/** Round trips of the tasks that remove other things, and find none. */
const OTHERS = 1;

async function keptKeys(): Promise<number> {
  return (await allRows()).idempotency_keys?.length ?? 0;
}

describe('keys past their day are removed', () => {
  test('and no others', async () => {
    await keepKeys(3, START - DAY, 'expired');
    await keepKeys(2, START - DAY + 1, 'kept');
    await run(START);
    const { idempotency_keys: rows = [] } = await allRows();
    expect(rows.map((row) => JSON.parse(row).key)).toEqual(['kept1', 'kept2']);
    expect(lines).toEqual([
      { event: 'scheduled', task: 'idempotency-keys', removed: 3 },
      { event: 'scheduled', task: 'credentials', removed: 0 },
    ]);
  });

  test('with nothing of their tickets', async () => {
    const api = new TestApi();
    const request = { as: partner, body: newTicket, headers: { 'idempotency-key': 'k' } };
    await api.request('POST', TICKETS, request);
    const before = await allRows();
    await run(START + DAY);
    expect(await allRows()).toEqual({ ...before, idempotency_keys: [] });
    expect(await keptCounts()).toEqual(await naiveCounts());
    api.now = START + DAY;
    const next = await api.request('POST', TICKETS, request);
    expect(next.status).toBe(201);
    expect(next.headers.has('idempotent-replayed')).toBe(false);
  });

  test.each([
    [0, 1],
    [1, 1],
    [BATCH - 1, 1],
    [BATCH, 2],
    [BATCH + 1, 2],
    [3 * BATCH + 1, 4],
  ])('%d of them in %d bounded batches', async (count, batches) => {
    await keepKeys(count, START - DAY, 'expired');
    expect(await d1.cost(() => run(START))).toBe(batches + OTHERS);
    expect(await keptKeys()).toBe(0);
    expect(told('idempotency-keys')).toMatchObject([{ removed: count }]);
  });

  test('no more than a run may; the next run goes on', async () => {
    await keepKeys(RUN + 7, START - DAY, 'expired');
    expect(await d1.cost(() => run(START))).toBe(RUN / BATCH + OTHERS);
    expect(await keptKeys()).toBe(7);
    await run(START);
    expect(await keptKeys()).toBe(0);
    expect(told('idempotency-keys')).toMatchObject([{ removed: RUN }, { removed: 7 }]);
  });
});

test('a fault that should pass is tried again', async () => {
  await keepKeys(3, START - DAY, 'expired');
  d1.fault = new Error('D1_ERROR: Network connection lost.');
  const running = run(START);
  d1.fault = undefined;
  await running;
  expect(await keptKeys()).toBe(0);
});

describe('of credentials', () => {
  const HOUR = DAY / 24;

  test.each(kinds)(
    'secrets of a $name are removed when they ended an hour ago, and no others',
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
      expect(told('credentials')).toMatchObject([{ removed: 0 }, { removed: 1 }]);
      api.now = START + HOUR;
      for (const good of [second, third]) {
        expect((await kind.trySecret(api, partner, good)).status).toBe(200);
      }
    },
  );

  test.each(kinds)(
    'keys that made a $name are removed past their day, and no others',
    async (kind) => {
      const api = new TestApi();
      const headers = { 'idempotency-key': 'k' };
      const post = () =>
        api.request('POST', kind.path, { as: partner, body: { name: 'x' }, headers });
      await post();
      const before = await allRows();
      await run(START + DAY - 1);
      expect(await allRows()).toEqual(before);
      await run(START + DAY);
      expect(await allRows()).toEqual({ ...before, idempotency_keys: [] });
      expect(told('idempotency-keys')).toMatchObject([{ removed: 0 }, { removed: 1 }]);
      api.now = START + DAY;
      const next = await post();
      expect([next.status, next.headers.has('idempotent-replayed')]).toEqual([201, false]);
    },
  );

  test('no more secrets than a run may, in bounded batches; the next run goes on', async () => {
    const fill = (count: number) =>
      env.DB.prepare(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
         INSERT INTO retired_secrets SELECT i, '${partner.clientId}', NULL, 0, 1 FROM n WHERE true`,
      ).run();
    const left = async () => (await allRows()).retired_secrets?.length;
    await fill(BATCH + 7);
    expect(await d1.cost(() => run(START))).toBe(OTHERS + 2);
    expect(await left()).toBe(0);
    await fill(RUN + 7);
    expect(await d1.cost(() => run(START))).toBe(OTHERS + RUN / BATCH);
    expect(await left()).toBe(7);
    await run(START);
    expect(told('credentials')).toMatchObject([
      { removed: BATCH + 7 },
      { removed: RUN },
      { removed: 7 },
    ]);
  });

  test('keys of every key space in the same bounded batches', async () => {
    await keepKeys(BATCH, START - DAY, 'ticket');
    await env.DB.prepare("UPDATE idempotency_keys SET space = 'credentials'").run();
    await keepKeys(7, START - DAY, 'ticket');
    expect(await d1.cost(() => run(START))).toBe(OTHERS + 2);
    expect(await keptKeys()).toBe(0);
    expect(told('idempotency-keys')).toMatchObject([{ removed: BATCH + 7 }]);
  });
});

test('a task that fails keeps no other from its work, is logged, and fails the run', async () => {
  await keepKeys(1, START - DAY, 'expired');
  const made = await clients.make(new TestApi(), partner);
  await clients.rotate(new TestApi(), partner, made, 1);
  const faulty = new FaultyD1();
  faulty.plan((call) => (call === 1 ? 'broken' : undefined));
  await expect(run(START + DAY, faulty.db)).rejects.toThrow('no such column');
  expect(lines).toMatchObject([
    { event: 'fault', task: 'idempotency-keys', error: 'DatabaseFault' },
    { event: 'scheduled', task: 'credentials', removed: 1 },
  ]);
  await run(START + DAY);
  expect(await keptKeys()).toBe(0);
});

test('the Worker removes them when its cron trigger fires', async () => {
  const log = captureLog();
  await keepKeys(1, Date.now() - DAY, 'expired');
  await keepKeys(1, Date.now(), 'kept');
  await worker.scheduled(createScheduledController(), env);
  expect(await keptKeys()).toBe(1);
  expect(log.lines.map((line) => JSON.parse(line))).toEqual([
    { event: 'scheduled', task: 'idempotency-keys', removed: 1 },
    { event: 'scheduled', task: 'credentials', removed: 0 },
  ]);
});
