import { type SQL, sql } from 'drizzle-orm';
import { type Owned, ownedSql } from '../../../db/owned.ts';
import type { PartnerId } from '../../../db/partner-id.ts';
import { preparedBook } from '../books.repository.ts';
import {
  addToCounts,
  facetOfCustomer,
  facetsOfBook,
  newestPlace,
  partOf,
  placeOf,
} from '../buckets.repository.ts';
import type { RowFacet } from '../recount.repository.ts';
import { linesOf, numberOf } from './ticket-columns.repository.ts';

/** What prepared tickets are counted by, and the changes of their counts in the transaction of each write. */

/** The names of the facets. */
export const facets = {
  ...facetsOfBook,
  noVin: 'no-vin',
  product: (id: string) => `product:${id}`,
};

/** The facets of a row of prepared_tickets except `all`, each with the condition under which the row has it. */
export const facetsOfTicket: readonly RowFacet[] = [
  { facet: facetOfCustomer, condition: 'true', value: 'customer_id' },
  { facet: "'no-vin'", condition: 'vin IS NULL' },
];

/** The facet of a row of product_lines. */
export const facetOfLine = "'product:' || product_id";

/**
 * Returns the bucket and the part of the one ticket that matches `condition`, as a SELECT of `begun_at` and
 * `part`. It reads the ticket once, where `placeOf` would evaluate the condition for each use of the time.
 */
export const placeOfTicket = (partnerId: PartnerId, condition: Owned): Owned =>
  ownedSql`SELECT bucket.begun_at, ${partOf(sql`ticket.created_at`)} AS part
    FROM (SELECT created_at FROM prepared_tickets WHERE ${condition}) AS ticket
      CROSS JOIN ticket_counts AS bucket
    WHERE bucket.partner_id = ${partnerId} AND bucket.facet = 'all'
      AND bucket.begun_at <= ticket.created_at
    ORDER BY bucket.begun_at DESC`;

/** The values by which a new ticket is counted. */
interface NewTicket {
  readonly customer_id: string;
  readonly vin: string | null;
  /** The products of the lines that are written with it, each once. */
  readonly productIds?: readonly string[];
}

/** Returns the facets of a new ticket except `all`. */
export const facetsOfNew = ({ customer_id, vin, productIds = [] }: NewTicket): string[] => [
  facets.customer(customer_id),
  ...(vin === null ? [facets.noVin] : []),
  ...productIds.map(facets.product),
];

/**
 * Returns the statement that counts a new ticket in, after `reserveTickets` made room for it.
 *
 * @param condition the condition under which the ticket is written.
 */
export function countTicketIn(partnerId: PartnerId, ticket: NewTicket, condition: SQL) {
  return addToCounts(
    preparedBook,
    partnerId,
    newestPlace(preparedBook, partnerId),
    sql`SELECT value AS facet, 1 AS tickets FROM (SELECT 1 WHERE ${condition})
      CROSS JOIN json_each(${JSON.stringify(facetsOfNew(ticket))})`,
  );
}

/** Returns the time of the one ticket that matches `condition`, as a scalar. */
const timeOf = (condition: Owned): Owned =>
  ownedSql`(SELECT created_at FROM prepared_tickets WHERE ${condition})`;

/** Returns the statement that counts the one ticket that matches `condition` out, with its lines, before their deletion. */
export function countTicketOut(partnerId: PartnerId, condition: Owned) {
  const facetsOut = facetsOfTicket.map(
    (one) => sql`UNION ALL SELECT ${sql.raw(one.facet)}, -1 FROM prepared_tickets
      WHERE ${condition} AND ${sql.raw(one.condition)}`,
  );
  return addToCounts(
    preparedBook,
    partnerId,
    placeOf(preparedBook, partnerId, timeOf(condition)),
    sql`SELECT 'all' AS facet, -1 AS tickets
      ${sql.join(facetsOut, sql` `)}
      UNION ALL SELECT ${sql.raw(facetOfLine)}, -1 FROM product_lines
        WHERE ${linesOf(partnerId, numberOf(condition))}`,
  );
}

/**
 * Returns the statement that counts the one ticket that matches `condition` out, with its lines, before they are
 * moved. A ticket that is picked up has a VIN.
 */
export function countPickUp(partnerId: PartnerId, customerId: string, condition: Owned) {
  return addToCounts(
    preparedBook,
    partnerId,
    placeOfTicket(partnerId, condition),
    sql`SELECT ${facets.all} AS facet, -1 AS tickets UNION ALL SELECT ${facets.customer(customerId)}, -1
      UNION ALL SELECT ${sql.raw(facetOfLine)}, -1 FROM product_lines
        WHERE ${linesOf(partnerId, numberOf(condition))}`,
  );
}

/**
 * Returns the statement that counts the one ticket that matches `condition` in or out of those without a VIN,
 * before its VIN changes to `vin`.
 */
export function countVinChange(partnerId: PartnerId, condition: Owned, vin: string | null) {
  const change = sql.raw(vin === null ? '1 AS tickets' : '-1 AS tickets');
  const changes = ownedSql`${condition} AND ${sql.raw(vin === null ? 'vin IS NOT NULL' : 'vin IS NULL')}`;
  return addToCounts(
    preparedBook,
    partnerId,
    placeOf(preparedBook, partnerId, timeOf(changes)),
    sql`SELECT 'no-vin' AS facet, ${change}`,
  );
}

/**
 * Returns the statement that counts a line in, before it is put on a ticket.
 *
 * @param ticket matches the one ticket if it does not have the line already.
 */
export function countLineIn(partnerId: PartnerId, ticket: Owned, productId: string) {
  return addToCounts(
    preparedBook,
    partnerId,
    placeOf(preparedBook, partnerId, timeOf(ticket)),
    sql`SELECT ${facets.product(productId)} AS facet, 1 AS tickets`,
  );
}

/** Returns the statement that counts the one line that matches `condition` out, before its deletion. */
export function countLineOut(partnerId: PartnerId, productId: string, condition: Owned) {
  return addToCounts(
    preparedBook,
    partnerId,
    placeOf(
      preparedBook,
      partnerId,
      sql`(SELECT created_at FROM product_lines WHERE ${condition})`,
    ),
    sql`SELECT ${facets.product(productId)} AS facet, -1 AS tickets`,
  );
}
