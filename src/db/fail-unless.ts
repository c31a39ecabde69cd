import { type SQL, sql } from 'drizzle-orm';
import type { FaultPath } from './errors.ts';
import type { Owned } from './owned.ts';

/**
 * Returns a statement that fails unless a condition holds, and so rolls back its batch. In SQLite only
 * triggers can raise errors, so the statement instead evaluates a JSON path that is malformed if the
 * condition does not hold.
 *
 * @param condition an SQL expression that is true or false.
 * @param path identifies the fault.
 */
export function failUnless(condition: Owned, path: FaultPath): Owned<never>;
export function failUnless(condition: SQL, path: FaultPath): SQL<never>;
export function failUnless(condition: SQL, path: FaultPath): SQL<never> {
  return sql<never>`SELECT json_extract('{}', iif(${condition}, '$', ${sql.raw(`'${path}'`)}))`;
}
