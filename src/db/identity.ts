import { type SQL, sql } from 'drizzle-orm';
import { failUnless } from './fail-unless.ts';

/** What a database says in its table `home`. */
export interface Identity {
  readonly name: string;
  readonly number: number;
}

/** The number of the home that each binding was found to lead to. An isolate verifies each binding once. */
const verified = new WeakMap<D1Database, number>();

/** Returns whether a call that ran the statement of `requireIdentity` succeeded. */
export const isVerified = (d1: D1Database, { number }: Identity): boolean =>
  verified.get(d1) === number;

/** Remembers that a binding leads to the database of a home. */
export function rememberVerified(d1: D1Database, { number }: Identity): void {
  verified.set(d1, number);
}

/** The number of rows of the table. Counting all rows of a table reads none. */
const rows = sql`(SELECT count(*) FROM home)`;

/**
 * Returns the statement that fails unless the database is the one of a home: its table `home` has the row of that
 * home and no other. The database of number 0 needs no row, and without one the statement reads none.
 */
export function requireIdentity({ name, number }: Identity): SQL<never> {
  const hasItsRow = sql`(${rows} = 1 AND EXISTS (SELECT 1 FROM home WHERE number = ${number} AND name = ${name}))`;
  return failUnless(number === 0 ? sql`${rows} = 0 OR ${hasItsRow}` : hasItsRow, 'wrong-home');
}
