import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { LogLine } from '../../src/context.ts';
import { Database } from '../../src/db/client.ts';
import { Cost } from '../../src/db/cost.ts';
import { QueriesSpent } from '../../src/db/errors.ts';
import { wakeLagging } from '../../src/resources/system/webhook-endpoints/delivery/wake.ts';
import { removeExpired } from '../../src/scheduled.ts';
import { START } from '../support/api.ts';
import { stillWorld } from '../support/dependencies.ts';
import { captureLog } from '../support/faults.ts';
import { FaultyD1 } from '../support/faulty-d1.ts';
import { main } from '../support/homes.ts';
import { Invocation, MAX_QUERIES } from '../support/invocation.ts';
import { REPORT_PATH, report, reportOf, ScannedApi } from '../support/leak-reports.ts';
import { withManyHomes } from '../support/many-homes.ts';
import { makePartner } from '../support/partners.ts';
import { signedBy } from '../support/scanner.ts';

const one = { one: sql<{ n: number }>`SELECT 1 AS n` };
const TIMEOUT_MS = 10_000;
/** The most calls that wait at a time. */
const MAX_WAITING = 5;

describe('the D1 queries of an invocation', () => {
  const open = (d1: D1Database, cost: Cost) =>
    new Database(d1, undefined, TIMEOUT_MS, { cost }).ofAllPartners;

  test('end at 800 for all databases together, statements of a batch counted singly', async () => {
    const invocation = new Invocation();
    const { a, b } = invocation.bind({ a: main.database, b: main.database });
    const cost = new Cost();
    for (let i = 0; i < MAX_QUERIES / 4 - 1; i++) {
      await open(i % 2 ? a : b, cost).read({ first: one.one, second: one.one, third: one.one });
    }
    // 597 queries so far.
    for (let i = 0; i < 203; i++) {
      expect(cost.allows(1)).toBe(true);
      await open(a, cost).read(one);
    }
    expect(invocation.queries).toBe(MAX_QUERIES);
    expect(cost.allows(1)).toBe(false);
    await expect(open(b, cost).read(one)).rejects.toThrow(QueriesSpent);
    expect(invocation.queries, 'no further call is made').toBe(MAX_QUERIES);
  });

  test('include each attempt', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const faulty = new FaultyD1();
    faulty.plan((call) => (call % 3 === 0 ? undefined : 'before'));
    const invocation = new Invocation();
    const { d1 } = invocation.bind({ d1: faulty.db });
    const cost = new Cost();
    const reads = 266;
    for (let i = 0; i < reads; i++) {
      await open(d1, cost).read(one);
    }
    expect(invocation.queries).toBe(3 * reads);
    await expect(open(d1, cost).read(one)).rejects.toThrow(QueriesSpent);
    expect(invocation.queries).toBe(MAX_QUERIES);
  });
});

describe('while six of eight homes hang, at most five D1 calls wait', () => {
  const HANGING = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'];
  let invocation: Invocation;
  let lines: LogLine[];

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    captureLog();
    invocation = new Invocation();
    lines = [];
  });

  const bindings = () =>
    withManyHomes(invocation, 8, { isHanging: (name) => HANGING.includes(name) });
  const world = { ...stillWorld, log: (line: LogLine) => lines.push(line) };

  /** Lets time pass while five calls wait, until something holds. @returns how long it took, in milliseconds. */
  async function timeUntil(holds: () => boolean): Promise<number> {
    while (invocation.waiting < MAX_WAITING) {
      // D1 answers in real time.
      await scheduler.wait(2);
    }
    const begunAt = Date.now();
    while (!holds()) {
      await vi.advanceTimersByTimeAsync(500);
      await scheduler.wait(2);
    }
    return Date.now() - begunAt;
  }

  /** Lets time pass until work ends. @returns how long it took, in milliseconds, and its error. */
  async function timeOf(work: Promise<unknown>): Promise<{ tookMs: number; error: unknown }> {
    let outcome: PromiseSettledResult<unknown> | undefined;
    Promise.allSettled([work]).then(([settled]) => {
      outcome = settled;
    });
    const tookMs = await timeUntil(() => outcome !== undefined);
    return { tookMs, error: outcome?.status === 'rejected' ? outcome.reason : undefined };
  }

  /** The homes whose lines are faults or warnings. */
  const failed = (some: readonly LogLine[]) =>
    new Set(some.filter(({ event }) => /fault|warning/.test(event)).map(({ home }) => home));

  test('of a request for readiness, which responds in 5 seconds, and later ones ask the others first', async () => {
    const api = new ScannedApi();
    /** Returns the homes that are not ready. */
    const ask = async () => {
      api.log.splice(0);
      api.now += 10_000;
      invocation = new Invocation();
      api.bindings = bindings();
      const response = api.get('/health/ready');
      const tookMs = await timeUntil(() => api.log.at(-1)?.event === 'request');
      expect(tookMs).toBeLessThanOrEqual(5500);
      // What runs in the background goes on until the deadline of the request.
      await timeOf(response);
      expect(await (await response).json()).toEqual({ status: 'warn' });
      return failed(api.log);
    };
    expect(await ask(), 'h7 waits behind five that hang').toEqual(new Set([...HANGING, 'h7']));
    for (let i = 0; i < 3; i++) {
      await ask();
    }
    expect(await ask()).toEqual(new Set(HANGING));
  });

  test('of a report of leaked secrets, which is a 503 within 10 seconds', async () => {
    const partner = await makePartner({ home: main });
    const api = new ScannedApi();
    await report(api, 'x');
    api.bindings = bindings();
    const body = reportOf(partner.apiKey);
    const headers = await signedBy(body);
    const response = api.request('POST', REPORT_PATH, { body, headers });
    const { tookMs } = await timeOf(response);
    expect(tookMs).toBeLessThanOrEqual(11_000);
    expect((await response).status).toBe(503);
    expect(api.log.filter(({ event }) => event === 'leak')).toMatchObject([{ home: 'main' }]);
  });

  test('of the cron trigger, which goes on in the others when D1 has ended a query', async () => {
    const { tookMs, error } = await timeOf(removeExpired(bindings(), world, START));
    expect(error).toBeInstanceOf(Error);
    expect(tookMs).toBeLessThanOrEqual(61_000);
    expect(failed(lines)).toEqual(new Set(HANGING));
    expect(lines.filter(({ event }) => event === 'fault')).toHaveLength(HANGING.length);
    for (const answering of ['main', 'h7']) {
      const tasks = lines.filter(({ home }) => home === answering).map(({ task }) => task);
      expect(tasks).toEqual(expect.arrayContaining(['quotas', 'database-size', 'events']));
    }
  });

  test('of the trigger of each minute, which goes on in the others when D1 has ended a query', async () => {
    const { tookMs, error } = await timeOf(wakeLagging(bindings(), world, START));
    expect(error).toBeInstanceOf(Error);
    expect(tookMs).toBeLessThanOrEqual(41_000);
    expect(failed(lines)).toEqual(new Set(HANGING));
  });
});
