import { sql } from 'drizzle-orm';
import { type Change, recordEvent } from '../../../db/events.ts';
import type { Owned } from '../../../db/owned.ts';
import type { PreparedTicketRow } from './ticket-columns.repository.ts';
import { newestNumber } from './ticket-numbers.repository.ts';

type NewTicket = Pick<PreparedTicketRow, 'id' | 'preparer_external_reference'>;

/** Returns the statement that records the new ticket, right after the statement that inserts it. */
export function recordCreation(change: Change, { id, preparer_external_reference }: NewTicket) {
  return recordEvent('after', change, 'prepared_ticket.created', {
    id: sql`${id}`,
    ticketNumber: newestNumber(change.partnerId),
    version: sql`1`,
    reference: sql`${preparer_external_reference}`,
  });
}

/**
 * Returns the statement that records a change of the one ticket that matches `condition`.
 *
 * @param version of the ticket after the change, on its row.
 */
function recordTicket(
  when: 'before' | 'after',
  change: Change,
  type: `prepared_ticket.${'updated' | 'deleted' | 'picked_up'}`,
  condition: Owned,
  version = sql`version`,
) {
  return recordEvent(when, change, type, {
    id: sql`prepared_tickets.id`,
    ticketNumber: sql`ticket_number`,
    version,
    reference: sql`preparer_external_reference`,
    table: sql`prepared_tickets`,
    condition,
  });
}

/**
 * Returns the statement that records an update, right after the statement that updates the ticket.
 *
 * @param ticket selects the ticket by its id or number.
 */
export function recordUpdate(change: Change, ticket: Owned) {
  return recordTicket('after', change, 'prepared_ticket.updated', ticket);
}

/**
 * Returns the statement that records the replacement of the one ticket that matches `condition`, before it. The
 * reference stays as it is.
 */
export function recordReplacement(change: Change, condition: Owned) {
  return recordTicket('before', change, 'prepared_ticket.updated', condition, sql`version + 1`);
}

/** Returns the statement that records the deletion of the one ticket that matches `condition`, before it. */
export function recordDeletion(change: Change, condition: Owned) {
  return recordTicket('before', change, 'prepared_ticket.deleted', condition);
}

/**
 * Returns the statement that records a pick-up, right after a statement that is a part of it, and while the
 * prepared ticket is still there.
 *
 * @param ticket selects the ticket by its id.
 */
export function recordPickUp(change: Change, ticket: Owned) {
  return recordTicket('after', change, 'prepared_ticket.picked_up', ticket);
}
