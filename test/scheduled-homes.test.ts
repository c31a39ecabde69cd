import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LogLine } from '../src/context.ts';
import { removeExpired } from '../src/scheduled.ts';
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
import { makePartner, type TestPartner } from './support/partners.ts';

useEu();

const RUN_MS = 300_000;
/** The start of a run that cleans `main`. */
const OF_MAIN = 2 * RUN_MS * 1_000_000;
const OF_EU = OF_MAIN + RUN_MS;

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

/** Runs the tasks of the cron trigger. */
const run = (now: number, bindings: object = { HOMES: homesOf() }) =>
  removeExpired({ ...env, DB: main.db, DB_EU: eu.db, ...bindings } as never as Env, {
    ...stillWorld,
    now: () => now,
    log: (line) => lines.push(line),
  });

const tasksOf = (home: string) =>
  lines.filter((line) => line.home === home).map(({ task }) => task);

const CLEANING = [
  ...[
    'idempotency-keys',
    'credentials',
    'events',
    'deliveries',
    'webhook-secrets',
    'ticket-counts',
  ],
];

/** Stores an idempotency key that expired long ago in each home. */
async function keepExpiredKeys(): Promise<void> {
  const keep = (partnerId: number) =>
    env.DB.prepare(
      `INSERT INTO idempotency_keys (partner_id, space, key, fingerprint, result, expires_at)
       VALUES (?, 'tickets', 'k', '', '{}', 1)`,
    ).bind(partnerId);
  await env.DB.batch([keep(other.partnerId)]);
  await env.DB_EU.batch([keep(european.partnerId)]);
}

describe('with two homes, the scheduled run', () => {
  test('cleans one home in turn by the clock, and each line of the log names its home', async () => {
    await keepExpiredKeys();
    await run(OF_MAIN + RUN_MS - 1);
    expect(tasksOf('main')).toEqual([...CLEANING, 'quotas', 'scanner-keys', 'database-size']);
    expect(tasksOf('eu')).toEqual(['quotas', 'database-size']);
    expect(await rowsOf('idempotency_keys')).toEqual([0, 1]);
    lines = [];
    await run(OF_EU);
    expect(tasksOf('main')).toEqual(['quotas', 'scanner-keys', 'database-size']);
    expect(tasksOf('eu')).toEqual([...CLEANING, 'quotas', 'database-size']);
    expect(await rowsOf('idempotency_keys')).toEqual([0, 0]);
    expect(lines.filter(({ home }) => home === undefined)).toEqual([]);
  });

  test('makes one query for the quotas of each home beside those of its tasks', async () => {
    await run(OF_MAIN);
    expect(eu.calls).toBe(1);
    const cleaning = main.calls - 2;
    main.plan();
    eu.plan();
    await run(OF_EU);
    expect(main.calls, 'the quotas, and the keys of the scanner').toBe(2);
    expect(eu.calls).toBe(cleaning + 1);
  });

  test('removes the expired events of 200 partners, and the next run continues', async () => {
    const partners = 300;
    const { database } = mainHome;
    const ids = `WITH RECURSIVE id (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM id WHERE id < ${partners})`;
    await database.batch(
      [
        `INSERT INTO partners (id, name, created_at) ${ids} SELECT 900000 + id, 'Partner ' || id, 1 FROM id`,
        `INSERT INTO events (partner_id, sequence, id, type, created_at, subject_id)
         ${ids} SELECT 900000 + id, sequence, id || '-' || sequence, 'client.updated', 1, 'c'
         FROM id CROSS JOIN (SELECT 1 AS sequence UNION ALL SELECT 2)`,
      ].map((sql) => database.prepare(sql)),
    );
    const expired = () => rowsOf('events WHERE sequence = 1 AND created_at = 1');
    await run(OF_MAIN);
    expect(await expired()).toEqual([100, 0]);
    await run(OF_MAIN);
    expect(await expired()).toEqual([0, 0]);
  });

  test('finds out which partners are full in every home', async () => {
    const setQuota = env.DB.prepare('UPDATE partners SET max_prepared_tickets = 0');
    await env.DB.batch([setQuota]);
    await env.DB_EU.batch([setQuota]);
    await run(OF_MAIN);
    for (const [home, { partnerId: partner }] of Object.entries({ main: other, eu: european })) {
      expect(lines.filter((line) => line.event === 'quota' && line.home === home)).toEqual([
        { event: 'quota', home, partner, resource: 'prepared_tickets', full: true, quota: 0 },
      ]);
    }
    expect(await rowsOf('partners WHERE full_at IS NOT NULL')).toEqual([1, 1]);
  });

  test.each([
    ['main', OF_MAIN],
    ['main', OF_EU],
    ['eu', OF_MAIN],
    ['eu', OF_EU],
  ])(
    'goes on in the other home and fails in the end if %s does not answer (at %d)',
    async (silent, at) => {
      await keepExpiredKeys();
      (silent === 'main' ? main : eu).plan(() => 'overloaded');
      await expect(run(at)).rejects.toThrow('overloaded');
      const faults = lines.filter(({ event }) => event === 'fault');
      expect(new Set(faults.map(({ home }) => home))).toEqual(new Set([silent]));
      const answering = silent === 'main' ? 'eu' : 'main';
      const others = lines.filter(({ home }) => home === answering);
      expect(others.map(({ event }) => event)).not.toContain('fault');
      expect(tasksOf(answering)).toContain('quotas');
      const cleaned = at === OF_MAIN ? 'main' : 'eu';
      expect(tasksOf(answering).includes('events')).toBe(answering === cleaned);
    },
  );

  test.each(['main', 'eu'])(
    'finds out the quotas of the other home while %s hangs',
    async (hanging) => {
      const answered = Promise.withResolvers<void>();
      const [slow, answering] = hanging === 'main' ? [main, 'eu'] : [eu, 'main'];
      slow.delayUntil(answered.promise);
      const running = run(hanging === 'main' ? OF_MAIN : OF_EU);
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
    await expect(run(OF_EU)).rejects.toThrow('table home');
    const ofEu = lines.filter(({ home }) => home === 'eu');
    expect(ofEu).toHaveLength(CLEANING.length + 1);
    for (const line of ofEu) {
      expect(line).toMatchObject({ event: 'fault', error: 'WrongHome' });
    }
    expect(await rowsOf('idempotency_keys')).toEqual([1, 1]);
    expect(tasksOf('main')).toContain('quotas');
  });
});
