import { type SQL, sql } from 'drizzle-orm';
import { type Owned, ownedSql } from '../../../../db/owned.ts';
import type { PartnerId } from '../../../../db/partner-id.ts';
import { preparedBook } from '../../books.repository.ts';
import { addToCounts } from '../../buckets.repository.ts';
import {
  insertLines,
  linesOf,
  newLineVersion,
  ticketNumbered,
} from '../ticket-columns.repository.ts';
import { facetOfLine, facets, placeOfTicket } from '../ticket-counts.repository.ts';

/** A product line that is written with its ticket. */
export interface NewLine {
  readonly product_id: string;
  readonly quantity: number;
}

/** Returns lines in the order in which they are stored and selected. */
export const inOrder = (lines: readonly NewLine[]): NewLine[] =>
  lines
    .map(({ product_id, quantity }) => ({ product_id, quantity }))
    .sort((a, b) => (a.product_id < b.product_id ? -1 : 1));

/** Returns the condition that a product id, or another expression, is among the products of lines. */
const isAmong = (lines: readonly NewLine[], productId: SQL): SQL =>
  // Searching a JSON text reads no row, and no UUID is a part of another.
  sql`instr(${JSON.stringify(lines.map(({ product_id }) => product_id))}, ${productId}) > 0`;

/** A replacement of a ticket, with the values that change counts. */
interface Replacement {
  /** The number of the ticket, as a scalar; NULL if none is replaced. */
  readonly number: SQL;
  readonly vin: string | null;
  readonly lines: readonly NewLine[] | undefined;
}

/**
 * Returns a SELECT of `facet` and `tickets`: -1 for each facet that the replacement removes from the
 * ticket, and 1 for each facet that it adds. The statement reads the ticket and its lines once. One
 * JSON object has the present facets with -1, and another has the new facets with 1.
 */
function changesOf(partnerId: PartnerId, { number, vin, lines }: Replacement): SQL {
  const products = lines?.map(({ product_id }) => facets.product(product_id)) ?? [];
  const names = vin === null ? [facets.noVin, ...products] : products;
  const coming = JSON.stringify(Object.fromEntries(names.map((name) => [name, 1])));
  const present = sql`iif(ticket.vin IS NULL, json_object(${facets.noVin}, -1), '{}')`;
  const held = lines
    ? sql`json_patch(${present}, (SELECT json_group_object(${sql.raw(facetOfLine)}, -1)
        FROM product_lines WHERE partner_id = ${partnerId} AND ticket_number = ticket.ticket_number))`
    : present;
  return sql`SELECT change.key AS facet, change.value AS tickets
    FROM (SELECT ${held} AS held FROM prepared_tickets AS ticket
        WHERE partner_id = ${partnerId} AND ticket_number = ${number} LIMIT 1) AS now
      CROSS JOIN json_each(json_patch(now.held, ${coming})) AS change
    WHERE change.value < 0 OR json_type(now.held, '$."' || change.key || '"') IS NULL`;
}

/** Returns the statement that updates the counts for the VIN and the lines of a ticket, before these change. */
export function countReplacement(partnerId: PartnerId, replacement: Replacement) {
  return addToCounts(
    preparedBook,
    partnerId,
    placeOfTicket(partnerId, ticketNumbered(partnerId, replacement.number)),
    changesOf(partnerId, replacement),
  );
}

/**
 * Returns the statement that deletes the lines of a ticket whose products `lines` does not have.
 *
 * @param number the number of the ticket, as a scalar; NULL deletes nothing.
 */
export function removeOtherLines(partnerId: PartnerId, number: SQL, lines: readonly NewLine[]) {
  return ownedSql<never>`DELETE FROM product_lines WHERE ${linesOf(partnerId, number)}
    AND NOT ${isAmong(lines, sql`product_id`)}`;
}

/**
 * Returns the statement that puts lines on the one ticket that matches `condition`. A line that the ticket has with the
 * same quantity is left alone, and keeps its entity tag.
 *
 * @param ticketVersion the version of the ticket after the write, which can be that of the row `ticket`.
 */
export function putLines(condition: Owned, lines: readonly NewLine[], ticketVersion: SQL) {
  return insertLines(ownedSql`SELECT ticket.ticket_number, line.value ->> 'product_id', ticket.partner_id,
      ticket.created_at, line.value ->> 'quantity', ${newLineVersion(ticketVersion)}
    FROM (SELECT ticket_number, partner_id, created_at, version FROM prepared_tickets WHERE ${condition}) AS ticket
      CROSS JOIN json_each(${JSON.stringify(lines)}) AS line
    WHERE true`);
}
