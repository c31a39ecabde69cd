import { type SQL, sql } from 'drizzle-orm';
import { recordOperation } from './credential-events.repository.ts';
import {
  type CredentialKind,
  type CredentialRow,
  columnsOf,
  idsOf,
  tableOf,
} from './credential-kinds.repository.ts';
import { capRetiredExpiry, enablingAssignments } from './credentials.repository.ts';

/**
 * Returns the statements that disable credentials, for the operator's commands and for reports of leaked
 * secrets. `change` returns the changed rows. Retired secrets that are still valid end permanently. A
 * credential that is already disabled keeps its `disabled_at`.
 *
 * @param condition selects the rows. The caller ensures that they belong to the intended partner.
 * @param now milliseconds since 1970.
 */
export function disableStatements(kind: CredentialKind, condition: SQL, now: number) {
  return {
    record: recordOperation(kind, 'updated', sql`${condition} AND disabled_at IS NULL`, now),
    capRetiredExpiry: capRetiredExpiry(kind, idsOf(kind, condition), now),
    change: sql<CredentialRow>`UPDATE ${tableOf(kind)}
      SET version = version + iif(disabled_at IS NULL, 1, 0), disabled_at = coalesce(disabled_at, ${now})
      WHERE ${condition} RETURNING ${columnsOf(kind)}`,
  };
}

/**
 * Returns the statement that re-enables credentials. `change` returns the changed rows.
 *
 * @param condition selects the rows. The caller ensures that they belong to the intended partner.
 * @param now milliseconds since 1970.
 */
export function enableStatements(kind: CredentialKind, condition: SQL, now: number) {
  return {
    record: recordOperation(kind, 'updated', sql`${condition} AND disabled_at IS NOT NULL`, now),
    change: sql<CredentialRow>`UPDATE ${tableOf(kind)}
      SET ${enablingAssignments(kind, now)}
        version = version + iif(disabled_at IS NULL, 0, 1), disabled_at = NULL
      WHERE ${condition} RETURNING ${columnsOf(kind)}`,
  };
}
