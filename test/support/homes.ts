import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach } from 'vitest';
import { newClientSecret } from '../../src/auth/secrets.ts';
import type { Home } from '../../src/homes.ts';
import type { Batch } from './d1.ts';
import { makePartner, TestPartner } from './partners.ts';
import { emptied } from './tables.ts';

/** The home beside `main` in the tests that need two. */
export const eu: Home = { name: 'eu', number: 1, binding: 'DB_EU', epoch: 1 };

/** The value of `HOMES` that adds homes to `main`; by default `eu`. */
export const homesOf = (...others: Partial<Home>[]) =>
  JSON.stringify(others.length === 0 ? [eu] : others.map((other) => ({ ...eu, ...other })));

/** The bindings of a deployment with two homes. */
export const twoHomes = { HOMES: homesOf() };

/** Executes statements in the database of `eu`, whichever database they were prepared for. */
export const inEu: Batch = (statements) => env.DB_EU.batch(statements);

/** Replaces the row with which a database says which home it is; it has none without one. */
export async function nameDatabase(db: D1Database, row?: Pick<Home, 'name' | 'number'>) {
  await db.prepare('DELETE FROM home').run();
  if (row !== undefined) {
    await db
      .prepare('INSERT INTO home (number, name) VALUES (?, ?)')
      .bind(row.number, row.name)
      .run();
  }
}

/** Gives the tests of a file an empty database of `eu`. */
export function useEu(): void {
  beforeAll(() => applyD1Migrations(env.DB_EU, env.MIGRATIONS));
  beforeEach(async () => {
    await inEu(emptied().map((sql) => env.DB_EU.prepare(sql)));
    await nameDatabase(env.DB_EU, eu);
  });
}

let lastPartner = 1_000_000;

/** Inserts a new partner of `eu` with a client and an API key. */
export function makeEuPartner(): Promise<TestPartner> {
  lastPartner += 1;
  const partner = new TestPartner(lastPartner, { clientSecret: newClientSecret(eu) });
  return makePartner({}, inEu, partner);
}

/** Returns how many rows a table has in `main` and in `eu`. */
export const rowsOf = (table: string) =>
  Promise.all(
    [env.DB, env.DB_EU].map((db) => db.prepare(`SELECT count(*) AS n FROM ${table}`).first('n')),
  );
