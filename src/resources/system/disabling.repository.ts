import { type SQL, sql } from 'drizzle-orm';
import {
  type CredentialKind,
  type CredentialRow,
  columnsOf,
  idsOf,
  tableOf,
} from './credential-kinds.repository.ts';
import { endRetired, onEnabling } from './credentials.repository.ts';

/**
 * Returns the statements that disable credentials, for the operator and for reports of leaks;
 * `change` gives the rows. Secrets that a rotation left valid end permanently. A credential that is
 * disabled already keeps the time at which it was.
 *
 * @param condition which rows; the caller makes sure that they belong to the right partner.
 * @param now milliseconds since 1970.
 */
export function disableStatements(kind: CredentialKind, condition: SQL, now: number) {
  return {
    endRetired: endRetired(kind, idsOf(kind, condition), now),
    change: sql<CredentialRow>`UPDATE ${tableOf(kind)}
      SET version = version + iif(disabled_at IS NULL, 1, 0), disabled_at = coalesce(disabled_at, ${now})
      WHERE ${condition} RETURNING ${columnsOf(kind)}`,
  };
}

/**
 * Returns the statement that enables credentials again; `change` gives the rows.
 *
 * @param now milliseconds since 1970.
 */
export function enableStatements(kind: CredentialKind, condition: SQL, now: number) {
  return {
    change: sql<CredentialRow>`UPDATE ${tableOf(kind)}
      SET ${onEnabling(kind, now)}
        version = version + iif(disabled_at IS NULL, 0, 1), disabled_at = NULL
      WHERE ${condition} RETURNING ${columnsOf(kind)}`,
  };
}
