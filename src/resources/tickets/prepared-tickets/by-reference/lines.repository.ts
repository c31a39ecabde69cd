import { type SQL, sql } from 'drizzle-orm';
import { addToCounts, placeOfTicket } from '../ticket-counts.repository.ts';

/** A product line that is written with its ticket. */
export interface NewLine {
  readonly product_id: string;
  readonly quantity: number;
}

/** The condition that a product id, or another expression, is among the products of lines. */
const isAmong = (lines: readonly NewLine[], productId: SQL): SQL =>
  // A JSON text costs no row to look at, and no UUID is a part of another.
  sql`instr(${JSON.stringify(lines.map(({ product_id }) => product_id))}, ${productId}) > 0`;

/** What counts change when a ticket is replaced. */
interface Replacement {
  /** Matches the one ticket. */
  readonly condition: SQL;
  /** Its number; that of another ticket, or NULL, where the condition does not hold. */
  readonly number: SQL;
  readonly vin: string | null;
  readonly lines: readonly NewLine[] | undefined;
}

/** Returns how the counts of products change, as more of a SELECT of `facet` and `tickets`. */
function changesOfLines(number: SQL, lines: readonly NewLine[]): SQL {
  const removed = sql` UNION ALL SELECT 'product:' || product_id, -1 FROM product_lines
    WHERE ticket_number = ${number} AND NOT ${isAmong(lines, sql`product_id`)}`;
  return lines.length === 0
    ? removed
    : sql`${removed} UNION ALL SELECT 'product:' || value, 1
        FROM json_each(${JSON.stringify(lines.map(({ product_id }) => product_id))})
        WHERE NOT EXISTS (SELECT 1 FROM product_lines
          WHERE ticket_number = ${number} AND product_id = value)`;
}

/** Counts what changes of the one ticket that matches `condition`, before it does: its VIN and its lines. */
export function countReplacement(
  partnerId: number,
  { condition, number, vin, lines }: Replacement,
) {
  const vinChange = sql.raw(vin === null ? '1' : '-1');
  const vinDiffers = sql.raw(vin === null ? 'vin IS NOT NULL' : 'vin IS NULL');
  return addToCounts(
    partnerId,
    placeOfTicket(partnerId, condition),
    sql`SELECT 'no-vin' AS facet, ${vinChange} AS tickets FROM prepared_tickets
        WHERE ticket_number = ${number} AND ${vinDiffers}${lines ? changesOfLines(number, lines) : sql``}`,
  );
}

/**
 * Deletes the lines of the one ticket that matches `condition` whose products `lines` does not have.
 *
 * @param number of the ticket; the condition is evaluated only when there is such a line.
 */
export function removeOtherLines(condition: SQL, number: SQL, lines: readonly NewLine[]) {
  return sql<never>`DELETE FROM product_lines WHERE ticket_number = ${number}
    AND NOT ${isAmong(lines, sql`product_id`)}
    AND EXISTS (SELECT 1 FROM prepared_tickets WHERE ${condition})`;
}

/**
 * Puts lines on the one ticket that matches `condition`.
 *
 * @param now milliseconds since 1970; where the versions of new lines begin.
 */
export function putLines(condition: SQL, lines: readonly NewLine[], now: number) {
  return sql<never>`INSERT INTO product_lines
      (ticket_number, product_id, partner_id, created_at, quantity, version)
    SELECT ticket.ticket_number, line.value ->> 'product_id', ticket.partner_id, ticket.created_at,
      line.value ->> 'quantity', cast(${now} AS integer)
    FROM (SELECT ticket_number, partner_id, created_at FROM prepared_tickets WHERE ${condition}) AS ticket
      CROSS JOIN json_each(${JSON.stringify(lines)}) AS line
    WHERE true
    ON CONFLICT (ticket_number, product_id) DO UPDATE SET quantity = excluded.quantity,
      version = version + 1`;
}
