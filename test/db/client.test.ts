import { env } from 'cloudflare:workers';
import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { Database, type WriteGuard } from '../../src/db/client.ts';
import { ownedSql } from '../../src/db/owned.ts';
import { partnerIdOfOperator } from '../../src/db/partner-id.ts';
import { partners } from '../../src/db/schema.ts';
import { compile, query, type Statement } from '../../src/db/statements.ts';
import { failUnless } from '../../src/db/write-guard.ts';
import { makePartner } from '../support/partners.ts';

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

describe('a write guard', () => {
  const guard = (holds: boolean): WriteGuard => ({
    statement: () => failUnless(ownedSql`${partnerIdOfOperator(holds ? 1 : 0)}`, 'caller-revoked'),
    refusal: () => new Error('refused'),
  });

  test('adds no rows to the result', async () => {
    db.guardWrites(guard(true));
    const { rows } = await db.write({ insert: insert('x'), names });
    expect(Object.keys(rows)).toEqual(['insert', 'names']);
    expect(rows.names).toEqual([{ name: 'x' }]);
  });

  test('makes the write throw its refusal and write nothing', async () => {
    db.guardWrites(guard(false));
    await expect(db.write({ insert: insert('x') })).rejects.toThrow('refused');
    expect(await db.read({ names })).toEqual({ names: [] });
  });
});
