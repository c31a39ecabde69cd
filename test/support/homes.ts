import { env } from 'cloudflare:workers';
import { afterAll, beforeAll } from 'vitest';
import type { Home } from '../../src/homes.ts';

/** A home as the tests see it: a database in which partners live. */
export interface TestHome {
  readonly name: string;
  readonly number: number;
  readonly epoch: number;
  /** The name under which the tests bind the database, which `workerEnv` takes. */
  readonly binding: 'DB' | 'DB_MAIN' | 'DB_EU';
  readonly database: D1Database;
}

/** Whether the tests run as `npm run test:homes`: then `env.DB` of the tests is the database of `eu`. */
const hasTwoHomes = env.DB_MAIN !== undefined;

/** The home that every deployment has. It also holds what belongs to no partner, for example the keys of the scanner. */
export const main: TestHome = {
  ...{ name: 'main', number: 0, epoch: 1 },
  ...(env.DB_MAIN === undefined
    ? { binding: 'DB', database: env.DB }
    : { binding: 'DB_MAIN', database: env.DB_MAIN }),
};

/** The home beside `main`. The tests of a file without two homes can have it with `useEu`. */
export const eu: TestHome = {
  ...{ name: 'eu', number: 1, epoch: 1 },
  ...(hasTwoHomes
    ? { binding: 'DB', database: env.DB }
    : { binding: 'DB_EU', database: env.DB_EU }),
};

/** The homes of the partners of a test, that of the first one first. */
export const homes: readonly [TestHome, ...TestHome[]] = hasTwoHomes ? [eu, main] : [main];

/** The homes that the current test file uses. */
const homesInUse = new Set<TestHome>(homes);

/** Returns the homes that the current test file uses. */
export const usedHomes = (): readonly TestHome[] => [...homesInUse];

/** Gives the tests of a file the home `eu`, also if they run without two homes. */
export function useEu(): void {
  beforeAll(() => void homesInUse.add(eu));
  afterAll(() => void (hasTwoHomes || homesInUse.delete(eu)));
}

/** The value of `HOMES` that adds homes to `main`; by default `eu`. */
export const homesOf = (...others: Partial<Home>[]): string =>
  JSON.stringify(
    (others.length === 0 ? [{}] : others).map((other) => ({
      ...{ name: eu.name, number: eu.number, binding: 'DB_EU', epoch: 1 },
      ...other,
    })),
  );

/** The bindings of a deployment with two homes. */
export const twoHomes = { HOMES: homesOf() };

/** How many ids of partners a home has. */
const IDS_PER_HOME = 1_000_000;

let lastPartner = 0;
let partnersOfTest = 0;

/** Returns the id of a new partner in a home. By default the partners of a test live in the homes by turns. */
export function nextPartnerId(home = homes[partnersOfTest % homes.length] as TestHome): number {
  partnersOfTest += 1;
  lastPartner += 1;
  return home.number * IDS_PER_HOME + lastPartner;
}

/** Makes the next partner the first one of a test. */
export function beginPartners(): void {
  partnersOfTest = 0;
}

/** Returns the home of a partner. */
export const homeOf = ({ partnerId }: { readonly partnerId: number }): TestHome =>
  Math.floor(partnerId / IDS_PER_HOME) === eu.number ? eu : main;

/** Returns the database of the home of a partner. */
export const databaseOf = (partner: { readonly partnerId: number }): D1Database =>
  homeOf(partner).database;

/** Does something with the database of each home, and returns what came of it. */
export const inEachHome = <T>(work: (database: D1Database) => Promise<T>): Promise<T[]> =>
  Promise.all(usedHomes().map(({ database }) => work(database)));

/** Executes a statement in the database of each home, and returns the rows of all homes together. */
export async function everywhere<Row>(sql: string, ...values: readonly unknown[]): Promise<Row[]> {
  const found = await inEachHome((database) =>
    database
      .prepare(sql)
      .bind(...values)
      .all<Row>(),
  );
  return found.flatMap(({ results }) => results);
}

/** Returns how many rows a table has in `main` and in `eu`. */
export const rowsOf = (table: string) =>
  Promise.all(
    [main, eu].map(({ database }) =>
      database.prepare(`SELECT count(*) AS n FROM ${table}`).first('n'),
    ),
  );

/**
 * Replaces the row with which a database says which home it is, as `npm run homes -- claim` writes it. The database of
 * `main` has none.
 */
export async function nameDatabase(
  database: D1Database,
  row?: Pick<Home, 'name' | 'number'>,
): Promise<void> {
  await database.batch(naming(row).map((sql) => database.prepare(sql)));
}

/** Returns the statements that replace the row with which a database says which home it is. */
export const naming = (row?: Pick<Home, 'name' | 'number'>): readonly string[] => [
  'DELETE FROM home',
  ...(row ? [`INSERT INTO home (number, name) VALUES (${row.number}, '${row.name}')`] : []),
];

/**
 * Returns the bindings of the Worker under test.
 *
 * @param replaced bindings that replace the real ones, under the names of the tests: with two homes `DB` is the
 * database of `eu`, and `DB_MAIN` that of `main`. `EVENTS_EPOCH` is the epoch of each home.
 */
export function workerEnv(replaced: Partial<Record<keyof Env, unknown>> = {}): Env {
  if (!hasTwoHomes) {
    return { ...env, ...replaced } as Env;
  }
  const { DB, DB_MAIN, ...others } = {
    DB: replaced.DB_EU ?? env.DB_EU,
    DB_MAIN: env.DB_MAIN,
    ...replaced,
  };
  const epoch = Number(others.EVENTS_EPOCH ?? env.EVENTS_EPOCH);
  const HOMES = homesOf({ epoch });
  return { ...env, HOMES, ...others, DB: DB_MAIN, DB_EU: DB } as Env;
}
