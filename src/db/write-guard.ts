import { type SQL, sql } from 'drizzle-orm';
import { CALLER_REVOKED_PATH } from './errors.ts';

/**
 * Returns a statement that fails unless a condition holds, and so rolls back its batch. In SQLite only
 * triggers can raise errors, so the statement instead evaluates a JSON path that is malformed if the
 * condition does not hold.
 *
 * @param condition an SQL expression that is true or false.
 */
export function failUnless(condition: SQL): SQL<never> {
  return sql<never>`SELECT json_extract('{}', iif(${condition}, '$', ${sql.raw(`'${CALLER_REVOKED_PATH}'`)}))`;
}
