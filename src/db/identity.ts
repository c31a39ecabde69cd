import { type SQL, sql } from 'drizzle-orm';
import { failUnless } from './write-guard.ts';

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

/**
 * Returns the statement that fails unless the database is the one of a home: its table `home` has the row of that
 * home and no other. A database without a row is that of number 0. For such a one it reads no row.
 */
export function requireIdentity({ name, number }: Identity): SQL<never> {
  const isIt = sql`(SELECT coalesce(min(number = ${number} AND name = ${name}), ${number === 0 ? 1 : 0}) FROM home)`;
  return failUnless(isIt, 'wrong-home');
}
