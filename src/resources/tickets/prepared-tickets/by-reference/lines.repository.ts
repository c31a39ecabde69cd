import { type SQL, sql } from 'drizzle-orm';
import { numberOf } from '../ticket-columns.repository.ts';
import { addToCounts, placeOf } from '../ticket-counts.repository.ts';

/** A product line that is written with its ticket. */
export interface NewLine {
  readonly product_id: string;
  readonly quantity: number;
}

/** The products of lines, as a SELECT of `product_id`. */
const productsOf = (lines: readonly NewLine[]): SQL =>
  sql`SELECT value AS product_id
    FROM json_each(${JSON.stringify(lines.map(({ product_id }) => product_id))})`;

/** What counts change when a ticket is replaced. */
interface Replacement {
  /** Matches the one ticket. */
  readonly condition: SQL;
  /** Its number, also where the condition does not hold. */
  readonly only: SQL;
  readonly vin: string | null;
  readonly lines: readonly NewLine[] | undefined;
}

/** Counts what changes of the one ticket that matches `condition`, before it does: its VIN and its lines. */
export function countReplacement(partnerId: number, { condition, only, vin, lines }: Replacement) {
  const vinChange = sql.raw(vin === null ? '1' : '-1');
  const vinDiffers = sql.raw(vin === null ? 'vin IS NOT NULL' : 'vin IS NULL');
  const linesOfTicket = sql`product_lines WHERE ticket_number = ${only}`;
  const ofLines =
    lines === undefined
      ? sql``
      : sql` UNION ALL SELECT 'product:' || product_id, -1 FROM ${linesOfTicket}
            AND product_id NOT IN (${productsOf(lines)})
          UNION ALL SELECT 'product:' || product_id, 1 FROM (${productsOf(lines)})
            WHERE product_id NOT IN (SELECT product_id FROM ${linesOfTicket})`;
  return addToCounts(
    partnerId,
    placeOf(partnerId, sql`(SELECT created_at FROM prepared_tickets WHERE ${condition})`),
    sql`SELECT 'no-vin' AS facet, ${vinChange} AS tickets FROM prepared_tickets
        WHERE ticket_number = ${only} AND ${vinDiffers}${ofLines}`,
  );
}

/** Deletes the lines of the one ticket that matches `condition` whose products `lines` does not have. */
export function removeOtherLines(condition: SQL, lines: readonly NewLine[]) {
  return sql<never>`DELETE FROM product_lines WHERE ticket_number = ${numberOf(condition)}
    AND product_id NOT IN (${productsOf(lines)})`;
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
