import { and, eq, getTableColumns, type SQL, sql } from 'drizzle-orm';
import { type Owned, ownedSql } from '../../../db/owned.ts';
import type { PartnerId } from '../../../db/partner-id.ts';
import { preparedTickets, productLines } from '../../../db/schema.ts';
import { LINES_AS_JSON, preparedBook } from '../books.repository.ts';
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
export function ticketOf(partnerId: PartnerId, id: string | SQL): Owned {
  return ownedSql`(${preparedTickets.id} = ${id} and ${preparedTickets.partner_id} = ${partnerId})`;
}

/** Returns the number of the one ticket that matches `condition`, as a scalar; NULL if there is none. */
export function numberOf(condition: Owned): Owned {
  return ownedSql`(SELECT ticket_number FROM prepared_tickets WHERE ${condition})`;
}

/**
 * Returns the condition that a row is the partner's ticket with this number.
 *
 * @param number a scalar; NULL matches no ticket.
 */
export const ticketNumbered = (partnerId: PartnerId, number: SQL): Owned =>
  ownedSql`(${preparedTickets.partner_id} = ${partnerId} and ${preparedTickets.ticket_number} = ${number})`;

/**
 * Returns the condition that a row is a line of the partner's ticket with this number.
 *
 * @param number a scalar; NULL matches no line.
 */
export const linesOf = (partnerId: PartnerId, number: SQL): Owned =>
  ownedSql`(${productLines.partner_id} = ${partnerId} and ${productLines.ticket_number} = ${number})`;

/**
 * Returns the version of a new line, as an expression: twice that of its ticket after the write. A line that gets another
 * quantity has one more than a new one would have. Each write of a line raises the version of the ticket, so a line that
 * was deleted and created again has none of its earlier versions, whatever the clocks say.
 */
export const newLineVersion = (ticketVersion: SQL): SQL => sql`2 * ${ticketVersion}`;

/** Returns whether the last write of a line created it. */
export const isNewLine = ({ version }: { readonly version: number }): boolean => version % 2 === 0;

/**
 * Returns the statement that inserts lines, or gives those that are there another quantity. A line that has the quantity
 * already is left alone.
 *
 * @param lines a SELECT of the columns, with `newLineVersion` as the version. It has a WHERE clause, without which SQLite
 * takes what follows for a part of a join.
 * @param condition on a line that is there.
 */
export const insertLines = (lines: Owned, condition = sql`true`): Owned<never> =>
  ownedSql<never>`INSERT INTO product_lines (ticket_number, product_id, partner_id, created_at, quantity, version)
    ${lines}
    ON CONFLICT (partner_id, ticket_number, product_id) DO UPDATE
      SET quantity = excluded.quantity, version = excluded.version + 1
      WHERE quantity <> excluded.quantity AND ${condition}`;

/** The condition that a row of `product_lines` is a line of a row of `prepared_tickets`. */
export const isItsLine: SQL = and(
  eq(productLines.partner_id, preparedTickets.partner_id),
  eq(productLines.ticket_number, preparedTickets.ticket_number),
) as SQL;

/**
 * Returns the lines that match a condition as a JSON list of `product_id` and `quantity`, as a scalar. It is in the order
 * of `product_id`, and equals what `JSON.stringify` makes of the same lines.
 */
export const linesAsJson = (condition: SQL): SQL<string> =>
  sql<string>`(SELECT ${LINES_AS_JSON}
    FROM (SELECT product_id, quantity FROM product_lines WHERE ${condition} ORDER BY product_id))`;

/** Returns the condition that a row of `prepared_tickets` has another value in one of these columns. */
export function differsFrom(values: Partial<PreparedTicketValues>): SQL {
  const names = Object.keys(values).map((name) => sql.identifier(name));
  const others = Object.values(values).map((value) => sql`${value}`);
  return sql`(${sql.join(names, sql`, `)}) IS NOT (${sql.join(others, sql`, `)})`;
}

/** Returns the condition that a row of `prepared_tickets` has a line for the product. */
export function hasLine(productId: string): SQL {
  return sql`EXISTS (SELECT 1 FROM product_lines WHERE ${isItsLine} AND product_id = ${productId})`;
}
