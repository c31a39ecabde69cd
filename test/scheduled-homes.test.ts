import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LogLine } from '../src/context.ts';
import { removeExpired } from '../src/scheduled.ts';
import { TestApi } from './support/api.ts';
import { stillWorld } from './support/dependencies.ts';
import { retryAtOnce } from './support/faults.ts';
import { FaultyD1 } from './support/faulty-d1.ts';
import {
  eu as euHome,
  homesOf,
  main as mainHome,
  nameDatabase,
  rowsOf,
  useEu,
} from './support/homes.ts';
import { Invocation, MAX_QUERIES } from './support/invocation.ts';
import { withManyHomes } from './support/many-homes.ts';
import { makePartner, type TestPartner } from './support/partners.ts';
import { order, sync } from './support/syncs.ts';

useEu();

const RUN_MS = 300_000;
/** The time of a run in which `main` is the first in line. */
const START_MS = 100 * RUN_MS * 1_000_000;

let lines: LogLine[];
let european: TestPartner;
let other: TestPartner;
let main: FaultyD1;
let eu: FaultyD1;

beforeEach(async () => {
  lines = [];
  european = await makePartner({ home: euHome });
  other = await makePartner();
  [main, eu] = [new FaultyD1(), new FaultyD1(env.DB_EU)];
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs the tasks of the cron trigger as one invocation. */
const run = (scheduledAt = START_MS, bindings: Env = twoHomesEnv(), now = scheduledAt) =>
  removeExpired(
    bindings,
    { ...stillWorld, now: () => now, log: (line) => lines.push(line) },
    scheduledAt,
  );

const twoHomesEnv = (invocation = new Invocation()) =>
  invocation.bind({ ...env, DB: main.db, DB_EU: eu.db, HOMES: homesOf() } as never as Env);

const tasksOf = (home: string) =>
  lines.filter((line) => line.home === home).map(({ task }) => task);

const TASKS = [
  ...['quotas', 'database-size', 'events', 'deliveries', 'webhook-secrets'],
  ...['idempotency-keys', 'credentials', 'ticket-counts'],
];

/** Stores an idempotency key that expired long ago in each home. */
async function keepExpiredKeys(): Promise<void> {
  const keep = (partnerId: number) =>
    env.DB.prepare(
      `INSERT OR REPLACE INTO idempotency_keys (partner_id, space, key, fingerprint, result, expires_at)
       VALUES (?, 'tickets', 'k', '', '{}', 1)`,
    ).bind(partnerId);
  await env.DB.batch([keep(other.partnerId)]);
  await env.DB_EU.batch([keep(european.partnerId)]);
}

describe('with two homes, the scheduled run', () => {
  test('works in each home, its quotas and size first, and each line of the log names its home', async () => {
    await keepExpiredKeys();
    await run();
    expect(tasksOf('main')).toEqual([...TASKS, 'scanner-keys']);
    expect(tasksOf('eu')).toEqual(TASKS);
    expect(await rowsOf('idempotency_keys')).toEqual([0, 0]);
    expect(lines.filter(({ home }) => home === undefined)).toEqual([]);
  });

  test('finds out which partners are full in every home', async () => {
    const setQuota = env.DB.prepare('UPDATE partners SET max_prepared_tickets = 0');
    await env.DB.batch([setQuota]);
    await env.DB_EU.batch([setQuota]);
    await run();
    for (const [home, { partnerId: partner }] of Object.entries({ main: other, eu: european })) {
      expect(lines.filter((line) => line.event === 'quota' && line.home === home)).toEqual([
        { event: 'quota', home, partner, resource: 'prepared_tickets', full: true, quota: 0 },
      ]);
    }
    expect(await rowsOf('partners WHERE full_at IS NOT NULL')).toEqual([1, 1]);
  });

  test.each(['main', 'eu'])(
    'goes on in the other home and fails in the end if %s does not answer, which it then leaves alone',
    async (silent) => {
      await keepExpiredKeys();
      (silent === 'main' ? main : eu).plan(() => 'overloaded');
      await expect(run()).rejects.toThrow('overloaded');
      const faults = lines.filter(({ event }) => event === 'fault');
      expect(faults).toMatchObject([{ home: silent, task: 'quotas' }]);
      expect(tasksOf(silent)).toEqual(['quotas']);
      expect(tasksOf(silent === 'main' ? 'eu' : 'main')).toEqual(expect.arrayContaining(TASKS));
    },
  );

  test.each(['main', 'eu'])(
    'finds out the quotas of the other home while %s hangs',
    async (hanging) => {
      const answered = Promise.withResolvers<void>();
      const [slow, answering] = hanging === 'main' ? [main, 'eu'] : [eu, 'main'];
      slow.delayUntil(answered.promise);
      const running = run();
      await vi.waitFor(() => expect(tasksOf(answering)).toContain('database-size'));
      expect(tasksOf(hanging)).toEqual([]);
      answered.resolve();
      await running;
      expect(tasksOf(hanging)).toContain('quotas');
    },
  );

  test('counts a wrong database as one that does not answer', async () => {
    retryAtOnce();
    await keepExpiredKeys();
    await nameDatabase(env.DB_EU);
    await expect(run()).rejects.toThrow('table home');
    expect(lines.filter(({ home }) => home === 'eu')).toMatchObject([
      { event: 'fault', task: 'quotas', error: 'WrongHome' },
    ]);
    expect(await rowsOf('idempotency_keys')).toEqual([0, 1]);
  });
});

/** Writes partners in `main`, each with events that expired one after the other, and some more of one partner. */
async function writeExpiredEvents(partners: number, each: number, more = 0): Promise<void> {
  const count = (name: string, until: number | string) =>
    `${name} (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM ${name} WHERE i < ${until})`;
  const statements = [
    `INSERT INTO partners (id, name, created_at)
     WITH RECURSIVE ${count('n', partners)} SELECT ${FIRST_ID} + i, 'Partner ' || i, 1 FROM n`,
    `INSERT INTO events (partner_id, sequence, id, type, created_at, subject_id)
     WITH RECURSIVE ${count('s', each + more)}
     SELECT id, i, id || '-' || i, 'client.updated', id, 'c' FROM partners CROSS JOIN s
     WHERE id > ${FIRST_ID} AND (i <= ${each} OR id = ${FIRST_ID + 1})`,
  ];
  await mainHome.database.batch(statements.map((sql) => mainHome.database.prepare(sql)));
}

/** The ids of these partners are greater. */
const FIRST_ID = 900_000;

describe('the queries of an invocation', () => {
  /** Returns the number of partners that have expired events to remove. */
  const waiting = async () =>
    (
      await rowsOf(
        `(SELECT 1 FROM events WHERE partner_id > ${FIRST_ID} GROUP BY partner_id HAVING count(*) > 1)`,
      )
    )[0] as number;
  const unfinished = () => lines.filter((line) => line.unfinished === true);

  test('suffice for the quotas, sizes and keys of each home, and what is left is no fault and waits for the next run', async () => {
    await keepExpiredKeys();
    // The first query removes nothing from a partner with two events but the first.
    await writeExpiredEvents(900, 2);
    const first = new Invocation();
    await run(START_MS, twoHomesEnv(first));
    expect(first.queries).toBe(MAX_QUERIES);
    expect(unfinished()).toMatchObject([{ event: 'scheduled', home: 'main', task: 'events' }]);
    expect(lines.filter(({ event }) => event !== 'scheduled')).toEqual([]);
    for (const home of ['main', 'eu']) {
      expect(tasksOf(home)).toEqual(expect.arrayContaining(TASKS));
    }
    expect(await rowsOf('idempotency_keys')).toEqual([0, 0]);
    const left = await waiting();
    expect(left).toBeGreaterThan(100);
    expect(left).toBeLessThan(150);
    lines = [];
    const second = new Invocation();
    await run(START_MS + RUN_MS, twoHomesEnv(second));
    expect(second.queries).toBeLessThan(left + 40);
    expect(unfinished()).toEqual([]);
    expect(await waiting()).toBe(0);
  });

  test('let the partners whose events wait for the longest time go first, and none waits for all events of another', async () => {
    // The events of the first partner are the oldest, and a run could not remove them alone.
    await writeExpiredEvents(900, 2, 20_000);
    await run();
    const { results } = await mainHome.database
      .prepare(
        `SELECT partner_id - ${FIRST_ID} AS id FROM events WHERE partner_id > ${FIRST_ID}
         GROUP BY partner_id HAVING count(*) > 1 ORDER BY 1`,
      )
      .all<{ id: number }>();
    const ids = results.map(({ id }) => id);
    expect(ids[0], 'the first one had its turn, and waits for the next').toBe(1);
    expect(ids[1]).toBeGreaterThan(700);
    expect(ids.at(-1)).toBe(900);
    await run(START_MS + RUN_MS);
    expect(await waiting()).toBe(0);
  });

  test.each([
    ['the others have nothing to remove', euHome, 4],
    ['all have as much', mainHome, undefined],
  ])('are shared by 50 homes: each run cleans all of them, if %s', async (_what, shared, runs) => {
    await writeExpiredEvents(900, 2);
    let before = 900;
    for (let i = 0; i < (runs ?? 2); i++) {
      lines = [];
      await keepExpiredKeys();
      const invocation = new Invocation();
      await run(START_MS + i * RUN_MS, withManyHomes(invocation, 50, { shared }));
      expect(invocation.queries).toBeLessThanOrEqual(MAX_QUERIES);
      for (const home of ['main', ...Array.from({ length: 49 }, (_, i) => `h${i + 1}`)]) {
        expect(tasksOf(home)).toEqual(expect.arrayContaining(TASKS));
        const ended = lines.filter((line) => line.home === home && line.unfinished === undefined);
        expect(ended.length).toBeGreaterThanOrEqual(TASKS.length - 1);
      }
      expect((await rowsOf('idempotency_keys'))[0]).toBe(0);
      const left = await waiting();
      expect(left).toBeLessThan(before);
      before = left;
    }
    expect(runs === undefined || before === 0).toBe(true);
  });

  test('leave no plan of a sync for longer than until the first run a minute later', async () => {
    const api = new TestApi({ HOMES: '[]' });
    api.now = START_MS;
    for (const vehicle_model_id of [7, 8]) {
      const orders = Array.from({ length: 500 }, (_, i) =>
        order(`ORDER-${i}`, { vehicle_model_id }),
      );
      await sync(api, other, ...orders);
    }
    const plan = () =>
      mainHome.database
        .prepare('SELECT total(length(result)) AS bytes FROM idempotency_keys')
        .first<number>('bytes');
    expect(await plan()).toBeGreaterThan(100_000);
    await run(START_MS + RUN_MS, withManyHomes(new Invocation(), 50, { shared: euHome }));
    expect(await plan()).toBe(0);
  });

  test('begin with the home whose turn it is by the scheduled time, however late a run begins', async () => {
    /** Returns the first home of a run. */
    const firstOf = async (scheduledAt: number, now: number) => {
      lines = [];
      await run(scheduledAt, withManyHomes(new Invocation(), 50), now);
      return lines.find(({ task }) => task === 'quotas')?.home;
    };
    const late = START_MS + 2 * RUN_MS - 1;
    expect(await firstOf(START_MS, late)).toBe('main');
    expect(await firstOf(START_MS + RUN_MS, late)).toBe('h1');
    expect(await firstOf(START_MS + 49 * RUN_MS, START_MS + 50 * RUN_MS)).toBe('h49');
  });
});
