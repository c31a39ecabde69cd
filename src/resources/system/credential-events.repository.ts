import { type SQL, sql } from 'drizzle-orm';
import { type Change, recordEvent, recordEventsOfOperator } from '../../db/events.ts';
import { type CredentialKind, tableOf } from './credential-kinds.repository.ts';

/** What happens to a client or an API key. */
type Action = 'created' | 'updated' | 'rotated' | 'deleted';

/**
 * Returns the statement that records what a request does to one credential.
 *
 * @param when whether the statement stands before or right after the one that makes the change. Only that of
 * a deletion stands before it, because the row is gone afterwards.
 * @param condition selects the row.
 */
export function recordCredentialEvent(
  change: Change,
  kind: CredentialKind,
  action: Action,
  condition: SQL,
) {
  const when = action === 'deleted' ? 'before' : 'after';
  return recordEvent(when, change, `${kind.subject}.${action}`, {
    id: sql`id`,
    version: sql`version`,
    table: tableOf(kind),
    condition,
  });
}

/**
 * Returns the statement that records what the operator, or a report of leaked secrets, does to credentials.
 * It stands before the statement that makes the change, and only that of a creation after it.
 *
 * @param condition selects the rows that change.
 * @param now milliseconds since 1970.
 */
export function recordOperation(kind: CredentialKind, action: Action, condition: SQL, now: number) {
  const changesVersion = action === 'updated' || action === 'rotated';
  const version = changesVersion ? sql`version + 1` : sql`version`;
  return recordEventsOfOperator(
    now,
    `${kind.subject}.${action}`,
    sql`SELECT partner_id, id, NULL AS ticket_number, ${version} AS version
      FROM ${tableOf(kind)} WHERE ${condition}`,
  );
}
