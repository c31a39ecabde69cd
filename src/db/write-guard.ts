import { type SQL, sql } from 'drizzle-orm';
import { REVOKED } from './errors.ts';

/**
 * Returns a statement that fails, and so rolls back its whole batch, unless a condition holds. SQLite
 * lets only triggers raise an error of their own, so the statement reads from an empty object by a
 * path that is malformed exactly when the condition does not hold.
 *
 * @param condition the condition, as SQL that is true or false.
 */
export function failUnless(condition: SQL): SQL<never> {
  return sql<never>`SELECT json_extract('{}', iif(${condition}, '$', ${sql.raw(`'${REVOKED}'`)}))`;
}
