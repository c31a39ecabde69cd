import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Database } from '../../src/db/client.ts';
import { DatabaseFault, DatabaseFull, DatabaseUnavailable } from '../../src/db/errors.ts';
import { WatchedD1 } from '../support/d1.ts';
import { FaultyD1 } from '../support/faulty-d1.ts';

const REQUEST_DB_TIMEOUT_MS = 10_000;
const MAX_ATTEMPTS = 3;
const one = { one: sql<{ n: number }>`SELECT 1 AS n` };

let d1: WatchedD1;
let waits: number[];

beforeEach(() => {
  d1 = new WatchedD1();
  waits = [];
  vi.spyOn(scheduler, 'wait').mockImplementation(async (delay) => {
    waits.push(delay);
  });
});

/** Returns the error that a read throws while every D1 call throws this message. */
async function faultFor(message: string): Promise<unknown> {
  d1.fault = new Error(message);
  return new Database(d1.db, undefined, REQUEST_DB_TIMEOUT_MS).ofAllPartners
    .read(one)
    .catch((error: unknown) => error);
}

/**
 * Errors of the local runtime while another process, such as `npm run partner`, writes to the database.
 */
const localErrors = [
  'database is locked: SQLITE_BUSY',
  'Failed to get session commit token: internal error; reference = 0123456789abcdef01234567',
];

/**
 * The D1 errors that Cloudflare documents, by the recommended action.
 *
 * @see https://developers.cloudflare.com/d1/observability/debug-d1/
 */
const documented = {
  'Retry the operation': [
    'D1 DB reset because its code was updated.',
    'Internal error while starting up D1 DB storage caused object to be reset.',
    'Network connection lost.',
    'Internal error in D1 DB storage caused object to be reset.',
    'Cannot resolve D1 DB due to transient issue on remote node.',
    "Can't read from request stream because client disconnected.",
  ],
  'Send fewer or smaller requests': [
    'D1 DB storage operation exceeded timeout which caused object to be reset.',
    'D1 DB is overloaded. Requests queued for too long.',
    'D1 DB is overloaded. Too many requests queued.',
    "D1 DB's isolate exceeded its memory limit and was reset.",
    'D1 DB exceeded its CPU time limit and was reset.',
  ],
};

describe('an error with the recommendation to retry', () => {
  test.each([...documented['Retry the operation'], ...localErrors])(
    'is retried: %s',
    async (message) => {
      const fault = await faultFor(`D1_ERROR: ${message}`);
      expect(d1.calls).toBe(MAX_ATTEMPTS);
      expect(fault).toBeInstanceOf(DatabaseUnavailable);
    },
  );

  test('is retried after random waits that grow with each attempt', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.999);
    await faultFor('D1_ERROR: Network connection lost.');
    expect(waits).toHaveLength(MAX_ATTEMPTS - 1);
    const [first = 0, second = 0] = waits;
    expect(first).toBeGreaterThan(20);
    expect(second).toBeGreaterThan(first);
    expect(second).toBeLessThanOrEqual(200);
    vi.restoreAllMocks();
    const drawn = new Set<number>();
    vi.spyOn(scheduler, 'wait').mockImplementation(async (delay) => {
      drawn.add(delay);
    });
    for (let i = 0; i < 10; i++) {
      await faultFor('D1_ERROR: Network connection lost.');
    }
    expect(drawn.size).toBeGreaterThan(10);
  });

  test('does not affect the rows of the attempt that succeeds, and each attempt counts as a round trip', async () => {
    const faulty = new FaultyD1();
    faulty.plan((call) => (call < MAX_ATTEMPTS ? 'before' : undefined));
    const db = new Database(faulty.db, undefined, REQUEST_DB_TIMEOUT_MS).ofAllPartners;
    expect(await db.read(one)).toEqual({ one: [{ n: 1 }] });
    expect(db.cost.roundTrips).toBe(MAX_ATTEMPTS);
  });
});

describe('an error of an overloaded database', () => {
  test.each(documented['Send fewer or smaller requests'])('is not retried: %s', async (message) => {
    const fault = await faultFor(`D1_ERROR: ${message}`);
    expect(d1.calls).toBe(1);
    expect(waits).toEqual([]);
    expect(fault).toBeInstanceOf(DatabaseUnavailable);
  });
});

describe('an error of a database or an account that is full', () => {
  test.each([
    ['Exceeded maximum DB size.', 'database'],
    ['Exceeded maximum DB size', 'database'],
    ['database or disk is full: SQLITE_FULL', 'database'],
    ['database or disk is full: SQLITE_FULL (extended: SQLITE_FULL)', 'database'],
    [
      "Your account has exceeded D1's maximum account storage limit, please contact Cloudflare to raise your limit.",
      'account',
    ],
    ['Exceeded maximum account storage limit.', 'account'],
    [
      "Your account has exceeded D1's free tier daily row write limit. Upgrade to a paid plan or wait until tomorrow (midnight UTC) to continue.",
      'account',
    ],
    ["Your account has exceeded D1's free tier daily row read limit.", 'account'],
  ])('is not retried and says what is full: %s', async (message, full) => {
    const fault = await faultFor(`D1_ERROR: ${message}`);
    expect(d1.calls).toBe(1);
    expect(waits).toEqual([]);
    expect(fault).toBeInstanceOf(DatabaseFull);
    expect(fault).toBeInstanceOf(DatabaseUnavailable);
    expect(fault).toMatchObject({ name: 'DatabaseFull', full });
  });
});

describe('a permanent error', () => {
  test.each([
    ['no such table: x: SQLITE_ERROR', DatabaseFault],
    ['too many SQL variables at offset 5: SQLITE_ERROR', DatabaseFault],
    ['UNIQUE constraint failed: prepared_tickets.id: SQLITE_CONSTRAINT', DatabaseFault],
    ['FOREIGN KEY constraint failed: SQLITE_CONSTRAINT', DatabaseFault],
  ])('is not retried: %s', async (message, type) => {
    const fault = await faultFor(`D1_ERROR: ${message}`);
    expect(d1.calls).toBe(1);
    expect((fault as Error).constructor).toBe(type);
  });
});

describe('the deadline', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  });

  const pending = () => new Promise(() => {});
  const statement = { bind: () => statement, all: pending };
  const never = { batch: pending, prepare: () => statement };
  const silent = { withSession: () => never } as unknown as D1Database;

  test('ends the wait for a call that does not return', async () => {
    const reading = new Database(silent, undefined, REQUEST_DB_TIMEOUT_MS).ofAllPartners.read(one);
    const ended = vi.fn();
    reading.catch(ended);
    await vi.advanceTimersByTimeAsync(REQUEST_DB_TIMEOUT_MS - 1);
    expect(ended).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await expect(reading).rejects.toThrow(DatabaseUnavailable);
  });

  test('applies to all calls together', async () => {
    const db = new Database(d1.db, undefined, REQUEST_DB_TIMEOUT_MS).ofAllPartners;
    await db.read(one);
    vi.advanceTimersByTime(REQUEST_DB_TIMEOUT_MS - 1);
    d1.fault = new Error('D1_ERROR: Network connection lost.');
    vi.spyOn(Math, 'random').mockReturnValue(0.999);
    await expect(db.read(one)).rejects.toThrow(DatabaseUnavailable);
    expect(d1.calls).toBe(2);
    expect(waits).toEqual([]);
  });

  test('uses one timer for all calls that wait, and none afterwards', async () => {
    const silentDb = new Database(silent, undefined, REQUEST_DB_TIMEOUT_MS).ofAllPartners;
    silentDb.read(one).catch(() => undefined);
    silentDb.read(one).catch(() => undefined);
    expect(vi.getTimerCount()).toBe(1);
    vi.clearAllTimers();
    await new Database(d1.db, undefined, REQUEST_DB_TIMEOUT_MS).ofAllPartners.read(one);
    expect(vi.getTimerCount()).toBe(0);
  });
});
