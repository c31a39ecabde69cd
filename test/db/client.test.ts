import { env } from 'cloudflare:workers';
import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { Database } from '../../src/db/client.ts';
import type { Gate } from '../../src/db/gate.ts';
import { ownedSql, partnerPlaceholder } from '../../src/db/owned.ts';
import { partnerIdOfOperator } from '../../src/db/partner-id.ts';
import { partners } from '../../src/db/schema.ts';
import { compile, query, type Statement } from '../../src/db/statements.ts';
import { makePartner } from '../support/partners.ts';
import { wrapD1 } from '../support/wrapped-d1.ts';

const REQUEST_DB_TIMEOUT_MS = 10_000;
const names = sql<{ name: string }>`SELECT name FROM partners ORDER BY name`;
const insert = (name: string) =>
  sql<{ id: number }>`INSERT INTO partners (name, created_at) VALUES (${name}, 0) RETURNING id`;

let db: Database<Statement>;

beforeEach(async () => {
  await makePartner();
  await env.DB.prepare('DELETE FROM api_keys').run();
  await env.DB.prepare('DELETE FROM clients').run();
  await env.DB.prepare('DELETE FROM partners').run();
  db = new Database(env.DB, undefined, REQUEST_DB_TIMEOUT_MS).ofAllPartners;
});

describe('named statements', () => {
  test('return their rows under their names, for every kind of statement', async () => {
    await db.write({ b: insert('b'), a: insert('a') });
    const number = compile<{ n: number }, 'n'>(sql`SELECT ${sql.placeholder('n')} AS n`);
    const {
      names: found,
      first,
      five,
    } = await db.read({
      names,
      first: query.select({ name: partners.name }).from(partners).orderBy(partners.name).limit(1),
      five: number({ n: 5 }),
    });
    const lists: [{ name: string }[], { name: string }[], { n: number }[]] = [found, first, five];
    expect(lists).toEqual([[{ name: 'a' }, { name: 'b' }], [{ name: 'a' }], [{ n: 5 }]]);
  });

  test('run in the order of their members, regardless of their names', async () => {
    const { rows } = await db.write({ z: names, insert: insert('x'), a: names, name10: names });
    expect([rows.z, rows.a, rows.name10]).toEqual([[], [{ name: 'x' }], [{ name: 'x' }]]);
    expect(rows.insert).toHaveLength(1);
  });

  test('that are undefined are skipped and have no rows', async () => {
    const { rows } = await db.write({
      none: undefined as ReturnType<typeof insert> | undefined,
      insert: insert('x'),
      names,
    });
    expect(rows.none?.[0]).toBeUndefined();
    expect(Object.keys(rows)).toEqual(['insert', 'names']);
    expect(rows.names).toEqual([{ name: 'x' }]);
  });

  test('cannot have integers as names, because these would run first', () => {
    const rejected = () => [
      // @ts-expect-error: `1` would run before `insert`.
      db.write({ insert: insert('x'), 1: names }),
      // @ts-expect-error: `2` would run before `insert`.
      db.read({ insert: insert('x'), '2': names }),
      // @ts-expect-error: an array has no names.
      db.read([names]),
    ];
    expect(rejected).toBeTypeOf('function');
  });
});

describe('a gate', () => {
  let log: unknown[];

  const gate = (isOpen: boolean): Gate<{ n: number }> => ({
    statement: () => {
      const path = isOpen ? '$' : 'scope-missing';
      const select = ownedSql<{
        n: number;
      }>`SELECT json_extract('{}', ${path}), ${partnerPlaceholder} AS n`;
      return compile<{ n: number }, 'partnerId'>(select)({ partnerId: partnerIdOfOperator(7) });
    },
    confirm: ({ n }) => log.push(n),
    refuse: async (reason) => {
      log.push(reason);
      throw new Error('refused');
    },
  });

  beforeEach(() => {
    log = [];
  });

  test('that is open confirms the caller in the same round trip, and adds no rows to the result', async () => {
    db.setGate(gate(true), false);
    const { rows } = await db.write({ insert: insert('x'), names });
    expect(Object.keys(rows)).toEqual(['insert', 'names']);
    expect(rows.names).toEqual([{ name: 'x' }]);
    expect(log).toEqual([7]);
    expect(db.cost.roundTrips).toBe(1);
  });

  test('that is closed makes a write throw its refusal and write nothing', async () => {
    db.setGate(gate(false), true);
    await expect(db.write({ insert: insert('x') })).rejects.toThrow('refused');
    expect(log).toEqual(['scope-missing']);
    expect(await db.read({ names })).toEqual({ names: [] });
  });

  test('that is closed makes each read throw its refusal', async () => {
    db.setGate(gate(false), false);
    await expect(db.read({ names })).rejects.toThrow('refused');
    await expect(db.readPrimary({ names })).rejects.toThrow('refused');
    expect(log).toEqual(['scope-missing', 'scope-missing']);
  });

  test('is part of the reads before it held, and of every write', async () => {
    db.setGate(gate(true), false);
    await db.read({ names });
    await db.read({ names });
    await db.readPrimary({ names });
    expect(log).toEqual([7]);
    await db.write({ insert: insert('x') });
    await db.write({ insert: insert('y') });
    expect(log).toEqual([7, 7, 7]);
  });

  test('is part of no read of a caller who was confirmed before', async () => {
    db.setGate(gate(false), true);
    expect(await db.read({ names })).toEqual({ names: [] });
    expect(log).toEqual([]);
  });

  test('is passed in a round trip of its own only if no call has carried it', async () => {
    await db.passGate();
    expect(db.cost.roundTrips, 'without a gate').toBe(0);
    db.setGate(gate(true), false);
    await db.passGate();
    await db.passGate();
    expect(db.cost.roundTrips).toBe(1);
    db.setGate(gate(true), true);
    await db.passGate();
    expect(db.cost.roundTrips, 'of a confirmed caller').toBe(1);
    db.setGate(gate(false), false);
    await expect(db.passGate()).rejects.toThrow('refused');
    await db.passGate();
    expect(log).toEqual([7, 'scope-missing']);
  });

  test('sends its call to the primary in a new session, whatever bookmark was sent', async () => {
    const sessions: (string | undefined)[] = [];
    const d1 = wrapD1(
      (execute) => execute(),
      (constraint) => sessions.push(constraint),
    );
    const bookmark = '00000001-00000002-00000003-00000000000000000000000000000004';
    const request = new Database(d1, bookmark, REQUEST_DB_TIMEOUT_MS).ofAllPartners;
    request.setGate(gate(true), false);
    await request.read({ names });
    expect(sessions).toEqual([bookmark, 'first-primary']);
  });
});
