import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../../db/client.ts';
import type { Change } from '../../../../db/events.ts';
import { meets, type Preconditions } from '../../../../db/versions.ts';
import { writeOnce } from '../../../../db/write-once.ts';
import { deletionStatements } from '../prepared-tickets.repository.ts';
import { type PreparedTicketRow, ticketColumnList } from '../ticket-columns.repository.ts';

/** Names the tickets of a partner that have a reference: one, if all were created by reference. */
export interface ReferenceKey {
  readonly partnerId: number;
  readonly reference: string;
}

/** Tickets that are looked at when several have the reference. */
const MAX_TICKETS = 10;

const entriesOf = ({ partnerId, reference }: ReferenceKey): SQL =>
  sql`prepared_tickets INDEXED BY prepared_tickets_reference
    WHERE partner_id = ${partnerId} AND preparer_external_reference = ${reference}`;

/** Returns the statement that selects the tickets with the reference, newest first, 10 at most. */
export function selectByReference(key: ReferenceKey) {
  return sql<PreparedTicketRow>`SELECT ${ticketColumnList} FROM ${entriesOf(key)}
    ORDER BY created_at DESC, ticket_number DESC LIMIT ${MAX_TICKETS}`;
}

/** The number of the one ticket with the reference, as a scalar; NULL when there is none or several. */
export const onlyNumberOf = (key: ReferenceKey): SQL =>
  sql`(SELECT iif(count(*) = 1, max(ticket_number), NULL)
    FROM (SELECT ticket_number FROM ${entriesOf(key)} LIMIT 2))`;

/** The number of some ticket with the reference, as a scalar that reads one row; NULL when there is none. */
export const someNumberOf = (key: ReferenceKey): SQL =>
  sql`(SELECT ticket_number FROM ${entriesOf(key)} LIMIT 1)`;

/** The condition that no ticket has the reference, neither a prepared one nor one that was picked up. */
export const isAbsent = (key: ReferenceKey): SQL =>
  sql`NOT EXISTS (SELECT 1 FROM ${entriesOf(key)})
    AND NOT EXISTS (SELECT 1 FROM tickets INDEXED BY tickets_reference
      WHERE partner_id = ${key.partnerId} AND preparer_external_reference = ${key.reference})`;

/** Returns the partner's tickets with the reference, newest first, 10 at most. */
export async function findByReference(
  db: Database,
  key: ReferenceKey,
): Promise<PreparedTicketRow[]> {
  const { found } = await db.read({ found: selectByReference(key) });
  return found;
}

/**
 * Deletes the one ticket with the reference, if it meets the preconditions.
 *
 * @returns 'done', else the tickets that have the reference.
 */
export async function deleteByReference(
  db: Database,
  change: Change,
  reference: string,
  preconditions: Preconditions,
): Promise<'done' | PreparedTicketRow[]> {
  const key = { partnerId: change.partnerId, reference };
  const condition = sql`ticket_number = ${onlyNumberOf(key)} AND ${meets(preconditions)}`;
  const rows = await writeOnce(db, change, {
    ...deletionStatements(change, condition),
    present: selectByReference(key),
  });
  return rows === 'recorded' || rows.deleted.length > 0 ? 'done' : rows.present;
}
