import { and, eq, getTableColumns, type SQL, sql } from 'drizzle-orm';
import { preparedTickets, productLines } from '../../../db/schema.ts';
import { preparedBook } from '../books.repository.ts';
import type { ChangeableMember } from '../ticket.ts';

/** A ticket as it is stored; `created_at` in milliseconds since 1970, UTC. */
export type PreparedTicketRow = Omit<typeof preparedTickets.$inferSelect, 'partner_id'>;

const { partner_id: _partner, ...columns } = getTableColumns(preparedTickets);

/** All ticket columns except `partner_id`. */
export const ticketColumns = columns;

/** The columns that an update sets. */
export type PreparedTicketValues = Pick<PreparedTicketRow, ChangeableMember>;

/** The same columns for a SELECT in plain SQL. */
export const ticketColumnList = preparedBook.columns;

/** Returns the condition that a row is the partner's ticket with this id. Every query on one ticket has it. */
export function ofPartner(partnerId: number, id: string | SQL): SQL {
  return and(eq(preparedTickets.id, id), eq(preparedTickets.partner_id, partnerId)) as SQL;
}

/** Returns the number of the one ticket that matches `condition`, as a scalar; NULL if there is none. */
export function numberOf(condition: SQL): SQL {
  return sql`(SELECT ticket_number FROM prepared_tickets WHERE ${condition})`;
}

/**
 * Returns the condition that a row is the partner's ticket with this number.
 *
 * @param number a scalar; NULL matches no ticket.
 */
export const ticketNumbered = (partnerId: number, number: SQL): SQL =>
  and(eq(preparedTickets.partner_id, partnerId), eq(preparedTickets.ticket_number, number)) as SQL;

/**
 * Returns the condition that a row is a line of the partner's ticket with this number.
 *
 * @param number a scalar; NULL matches no line.
 */
export const linesOf = (partnerId: number, number: SQL): SQL =>
  and(eq(productLines.partner_id, partnerId), eq(productLines.ticket_number, number)) as SQL;

/** The condition that a row of `product_lines` is a line of a row of `prepared_tickets`. */
export const isItsLine: SQL = and(
  eq(productLines.partner_id, preparedTickets.partner_id),
  eq(productLines.ticket_number, preparedTickets.ticket_number),
) as SQL;

/** Returns the condition that a row of `prepared_tickets` has a line for the product. */
export function hasLine(productId: string): SQL {
  return sql`EXISTS (SELECT 1 FROM product_lines WHERE ${isItsLine} AND product_id = ${productId})`;
}
