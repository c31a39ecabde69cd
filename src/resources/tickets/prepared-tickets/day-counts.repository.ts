import { type SQL, sql } from 'drizzle-orm';
import type { Period } from './filters.ts';
import { hasLine } from './ticket-columns.repository.ts';

/** Milliseconds of a UTC day. */
export const DAY = 86_400_000;

/** What tickets are counted by; see `dayCounts` in the schema. */
export const facets = {
  all: 'all',
  noVin: 'no-vin',
  customer: (id: string) => `customer:${id}`,
  product: (id: string) => `product:${id}`,
};

/** The ticket's facets as SQL, for the same change in one statement. */
const facetOfCustomer = sql`'customer:' || customer_id`;
const facetOfProduct = sql`'product:' || product_id`;
const dayOfRow = sql.raw(`created_at / ${DAY}`);

/**
 * Adds to the counts; part of the batch that changes the rows, so that counts never drift.
 *
 * @param changes a SELECT of partner_id, facet, day and the number to add, with a WHERE clause:
 * SQLite cannot tell where an upsert begins without one.
 */
function addToCounts(changes: SQL) {
  return sql`INSERT INTO day_counts (partner_id, facet, day, tickets) ${changes}
    ON CONFLICT (partner_id, facet, day) DO UPDATE SET tickets = tickets + excluded.tickets`;
}

/** What a new ticket is counted by. */
interface NewTicket {
  readonly created_at: number;
  readonly customer_id: string;
  readonly vin: string | null;
}

/** Counts a new ticket in, under the condition under which it is written. */
export function countTicketIn(partnerId: number, ticket: NewTicket, condition: SQL) {
  const { created_at, customer_id, vin } = ticket;
  const names = [facets.all, facets.customer(customer_id), ...(vin === null ? [facets.noVin] : [])];
  const rows = names.map((name) => sql`(${partnerId}, ${name}, ${dayOf(created_at)}, 1)`);
  return addToCounts(sql`SELECT * FROM (VALUES ${sql.join(rows, sql`, `)}) WHERE ${condition}`);
}

/** Counts the tickets that match `condition`, and their lines, out, before they are deleted. */
export function countTicketOut(condition: SQL) {
  return addToCounts(
    sql`${ticketOut(condition)} UNION ALL
      SELECT partner_id, ${facetOfProduct}, ${dayOfRow}, -1 FROM product_lines
      WHERE ticket_number = (SELECT ticket_number FROM prepared_tickets WHERE ${condition})`,
  );
}

/** The ticket out of its own facets; its lines have others. */
function ticketOut(condition: SQL): SQL {
  return sql`SELECT partner_id, CASE facet WHEN 'customer' THEN ${facetOfCustomer} ELSE facet END,
      ${dayOfRow}, -1
    FROM prepared_tickets
      CROSS JOIN (SELECT column1 AS facet FROM (VALUES ('all'), ('customer'), ('no-vin')))
    WHERE ${condition} AND (facet <> 'no-vin' OR vin IS NULL)`;
}

/** Counts a ticket in or out of those without a VIN, before its VIN changes to `vin`. */
export function countVinChange(condition: SQL, vin: string | null) {
  const change = sql.raw(vin === null ? '1' : '-1');
  const changes = sql.raw(vin === null ? 'vin IS NOT NULL' : 'vin IS NULL');
  return addToCounts(
    sql`SELECT partner_id, 'no-vin', ${dayOfRow}, ${change} FROM prepared_tickets
      WHERE ${condition} AND ${changes}`,
  );
}

/** Counts a line in, before it is put on a ticket that may have it already. */
export function countLineIn(ticket: SQL, productId: string) {
  return addToCounts(
    sql`SELECT partner_id, ${facets.product(productId)}, ${dayOfRow}, 1 FROM prepared_tickets
      WHERE ${ticket} AND NOT ${hasLine(productId)}`,
  );
}

/** Counts the lines that match `condition` out, before they are deleted. */
export function countLineOut(condition: SQL) {
  return addToCounts(
    sql`SELECT partner_id, ${facetOfProduct}, ${dayOfRow}, -1 FROM product_lines WHERE ${condition}`,
  );
}

/** The UTC day of a time, in days since 1970. */
export function dayOf(time: number): number {
  return Math.floor(time / DAY);
}

/** How many tickets of a facet one day holds. */
export function ticketsOfDay(partnerId: number, facet: string, day: number): SQL {
  return sql`coalesce((SELECT tickets FROM day_counts
    WHERE partner_id = ${partnerId} AND facet = ${facet} AND day = ${day}), 0)`;
}

/** How many tickets of a facet the days that a period touches hold. */
export function sumOfDays(partnerId: number, facet: string, { from, to }: Period): SQL {
  const bounds = sql.join(
    [
      sql`partner_id = ${partnerId} AND facet = ${facet}`,
      ...(from === undefined ? [] : [sql`day >= ${dayOf(from)}`]),
      ...(to === undefined ? [] : [sql`day <= ${dayOf(to - 1)}`]),
    ],
    sql` AND `,
  );
  return sql`(SELECT coalesce(sum(tickets), 0) FROM day_counts WHERE ${bounds})`;
}
