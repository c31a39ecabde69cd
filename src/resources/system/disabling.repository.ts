import { type SQL, sql } from 'drizzle-orm';
import {
  type CredentialKind,
  type CredentialRow,
  columnsOf,
  endRetired,
  idsOf,
  onEnabling,
  tableOf,
} from './credentials.repository.ts';

/**
 * The statements that disable credentials, for the operator and for reports of leaks; the last one
 * gives the rows. Secrets that a rotation left valid end for good. What is disabled already keeps the
 * time at which it was.
 *
 * @param condition which rows; the caller sees to whose they are.
 * @param now milliseconds since 1970.
 */
export function disableStatements(kind: CredentialKind, condition: SQL, now: number) {
  return [
    endRetired(kind, idsOf(kind, condition), now),
    sql<CredentialRow>`UPDATE ${tableOf(kind)}
      SET version = version + iif(disabled_at IS NULL, 1, 0), disabled_at = coalesce(disabled_at, ${now})
      WHERE ${condition} RETURNING ${columnsOf(kind)}`,
  ] as const;
}

/**
 * The statement that takes disabling back, with the rows that it gives.
 *
 * @param now milliseconds since 1970.
 */
export function enableStatement(kind: CredentialKind, condition: SQL, now: number) {
  return sql<CredentialRow>`UPDATE ${tableOf(kind)}
    SET ${onEnabling(kind, now)}
      version = version + iif(disabled_at IS NULL, 0, 1), disabled_at = NULL
    WHERE ${condition} RETURNING ${columnsOf(kind)}`;
}
