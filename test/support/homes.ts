import { env } from 'cloudflare:workers';

/** A home as the tests see it: a database in which partners live. */
export interface TestHome {
  readonly name: string;
  readonly number: number;
  /** The name under which the tests bind the database, which `workerEnv` takes. */
  readonly binding: 'DB' | 'DB_MAIN';
  readonly database: D1Database;
  /** The statements that write the row by which the database knows its home, as `npm run homes -- claim` does. */
  readonly row: readonly string[];
}

/** The home that every deployment has. It also holds what belongs to no partner, for example the keys of the scanner. */
export const mainHome: TestHome = {
  ...{ name: 'main', number: 0, row: [] },
  ...(env.DB_MAIN === undefined
    ? { binding: 'DB', database: env.DB }
    : { binding: 'DB_MAIN', database: env.DB_MAIN }),
};

const euHome: TestHome = {
  ...{ name: 'eu', number: 1, binding: 'DB', database: env.DB },
  row: ["INSERT INTO home (number, name) VALUES (1, 'eu')"],
};

/**
 * The homes of the Worker under test, that of the first partner of each test first. `npm run test:homes` gives it two,
 * and then `env.DB` of the tests is the database of `eu`; otherwise it has `main` only.
 */
export const homes: readonly [TestHome, ...TestHome[]] =
  mainHome.binding === 'DB' ? [mainHome] : [euHome, mainHome];

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
export function homeOf({ partnerId }: { readonly partnerId: number }): TestHome {
  const number = Math.floor(partnerId / IDS_PER_HOME);
  return homes.find((home) => home.number === number) as TestHome;
}

/** Returns the database of the home of a partner. */
export const databaseOf = (partner: { readonly partnerId: number }): D1Database =>
  homeOf(partner).database;

/** Does something with the database of each home, and returns what came of it. */
export const inEachHome = <T>(work: (database: D1Database) => Promise<T>): Promise<T[]> =>
  Promise.all(homes.map(({ database }) => work(database)));

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

/**
 * Returns the bindings of the Worker under test.
 *
 * @param replaced bindings that replace the real ones, under the names of the tests: with two homes `DB` is the
 * database of `eu`, and `DB_MAIN` that of `main`. `EVENTS_EPOCH` is the epoch of each home.
 */
export function workerEnv(replaced: Partial<Record<keyof Env, unknown>> = {}): Env {
  if (homes.length === 1) {
    return { ...env, ...replaced } as Env;
  }
  const { DB, DB_MAIN, ...others } = { DB: env.DB_EU, DB_MAIN: env.DB_MAIN, ...replaced };
  const epoch = Number(others.EVENTS_EPOCH ?? env.EVENTS_EPOCH);
  const HOMES = JSON.stringify([{ name: 'eu', number: 1, binding: 'DB_EU', epoch }]);
  return { ...env, HOMES, ...others, DB: DB_MAIN, DB_EU: DB } as Env;
}
