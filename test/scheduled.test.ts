import { createScheduledController } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LogLine } from '../src/context.ts';
import worker from '../src/index.ts';
import { removeExpired } from '../src/scheduled.ts';
import { START, TestApi, TICKETS } from './support/api.ts';
import { allRows, WatchedD1 } from './support/d1.ts';
import { stillWorld } from './support/dependencies.ts';
import { captureLog } from './support/faults.ts';
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
const run = (now: number) =>
  removeExpired({ ...env, DB: d1.db } as Env, {
    ...stillWorld,
    now: () => now,
    log: (line) => lines.push(line),
  });

/** Keeps this many keys as of a time. */
async function keepKeys(count: number, createdAt: number, prefix: string) {
  await env.DB.prepare(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     INSERT INTO idempotency_keys (partner_id, key, fingerprint, ticket_id, ticket_number, created_at)
     SELECT ?, ? || i, '', '', i, ? FROM n WHERE i <= ?`,
  )
    .bind(count, partner.partnerId, prefix, createdAt, count)
    .run();
}

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
    expect(lines).toEqual([{ event: 'scheduled', task: 'idempotency-keys', removed: 3 }]);
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
    expect(await d1.cost(() => run(START))).toBe(batches);
    expect(await keptKeys()).toBe(0);
    expect(lines).toMatchObject([{ removed: count }]);
  });

  test('no more than a run may; the next run goes on', async () => {
    await keepKeys(RUN + 7, START - DAY, 'expired');
    expect(await d1.cost(() => run(START))).toBe(RUN / BATCH);
    expect(await keptKeys()).toBe(7);
    await run(START);
    expect(await keptKeys()).toBe(0);
    expect(lines).toMatchObject([{ removed: RUN }, { removed: 7 }]);
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

test('the Worker removes them when its cron trigger fires', async () => {
  const log = captureLog();
  await keepKeys(1, Date.now() - DAY, 'expired');
  await keepKeys(1, Date.now(), 'kept');
  await worker.scheduled(createScheduledController(), env);
  expect(await keptKeys()).toBe(1);
  expect(log.lines.map((line) => JSON.parse(line))).toEqual([
    { event: 'scheduled', task: 'idempotency-keys', removed: 1 },
  ]);
});
