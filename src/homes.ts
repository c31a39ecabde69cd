import { z } from 'zod';
import { Database } from './db/client.ts';
import type { Cost } from './db/cost.ts';

/**
 * A home: a D1 database in which some of the partners live, with all that belongs to them. `main` always exists, and
 * `HOMES` lists the others. The id of a partner names its home, so no request has to look it up.
 */
export interface Home {
  /** Names the home in client secrets, commands and the log. */
  readonly name: string;
  /** Decides which ids of partners the home has, and is part of each bookmark. */
  readonly number: number;
  /** The name of the binding of its database. */
  readonly binding: string;
  /** Where the data is stored and the Durable Objects run; undefined for anywhere. */
  readonly jurisdiction?: 'eu' | 'us' | undefined;
  /**
   * The operator raises it after the database was restored to an earlier state. Cursors and bookmarks from before
   * then no longer count, so none is continued in another history.
   */
  readonly epoch: number;
}

/** The home that always exists, without its epoch. */
export const MAIN_HOME = { name: 'main', number: 0, binding: 'DB' } as const;

/** All homes of a deployment; `main` is the first. */
export type Homes = readonly [Home, ...Home[]];

/** The partners with ids from `number * IDS_PER_HOME` to below `(number + 1) * IDS_PER_HOME` belong to a home. */
export const IDS_PER_HOME = 1_000_000;
/** The greatest number of a home whose ids JavaScript, JSON and SQLite represent exactly. */
const MAX_HOME_NUMBER = 8_999_999_999;
/** The most homes beside `main`. Each run of the cron triggers makes a dozen queries in every home, and may make 800. */
const MAX_OTHER_HOMES = 49;

const home = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]{1,8}$/)
    .refine((name) => name !== MAIN_HOME.name),
  number: z.int().min(1).max(MAX_HOME_NUMBER),
  binding: z
    .string()
    .min(1)
    .refine((binding) => binding !== MAIN_HOME.binding),
  jurisdiction: z.enum(['eu', 'us']).optional(),
  epoch: z.int().min(1).max(999_999_999).default(1),
});

/** The homes beside `main`, in the format of the variable `HOMES`. */
export const otherHomes = z
  .array(home)
  .max(MAX_OTHER_HOMES)
  .refine((list) =>
    (['name', 'number', 'binding'] as const).every(
      (member) => new Set(list.map((one) => one[member])).size === list.length,
    ),
  );

/** Returns the home with a name; undefined if there is none. */
export const homeNamed = (homes: Homes, name: string): Home | undefined =>
  homes.find((one) => one.name === name);

/** Returns the home of a partner; undefined if none has its id. */
export const homeOf = (homes: Homes, partnerId: number): Home | undefined =>
  homes.find(({ number }) => number === Math.floor(partnerId / IDS_PER_HOME));

/** Returns all homes, beginning with another one at each turn. */
export function homesInTurn(homes: Homes, turn: number): readonly Home[] {
  const first = turn % homes.length;
  return [...homes.slice(first), ...homes.slice(0, first)];
}

/** Returns the D1 binding of a home. Nothing else chooses a binding. */
export const databaseOf = (env: object, { binding }: Home): D1Database =>
  (env as Readonly<Record<string, D1Database>>)[binding] as D1Database;

/**
 * Returns a bookmark of the database of a home in the form in which callers get it. It says which history it belongs
 * to, because D1 does not notice a bookmark of another database or from before a restore.
 *
 * @param bookmark the bookmark of D1.
 */
export const bookmarkOf = ({ number, epoch }: Home, bookmark: string): string =>
  `${number}.${epoch}.${bookmark}`;

/**
 * Opens the database of a home. Before the first call, the isolate verifies that the binding leads to this home.
 *
 * @param bookmark a bookmark that a caller sent; any other than one of this home and its epoch is ignored.
 * @param timeoutMs the time limit for all calls together, in milliseconds.
 * @param cost to which the calls add their cost; by default a new one.
 */
export function openDatabase(
  env: object,
  home: Home,
  bookmark: string | undefined,
  timeoutMs: number,
  cost?: Cost,
): Database {
  const prefix = bookmarkOf(home, '');
  const own = bookmark?.startsWith(prefix) ? bookmark.slice(prefix.length) : undefined;
  return new Database(databaseOf(env, home), own, timeoutMs, { home, cost });
}
