import { type SQL, sql } from 'drizzle-orm';
import type { Period } from './filters.ts';

/**
 * Counts of tickets, kept by the transaction of each write, so that an exact total and a page at any
 * offset cost rows by buckets and not by tickets.
 *
 * A bucket is a span of `created_at`: it reaches from its own `begun_at` to that of the partner's next
 * bucket. The rows of the facet `all` define the buckets; every other facet counts the tickets of the
 * same spans. A bucket has four parts with a counter each, in one row, because D1 bills rows and not
 * columns: a total reads one row for each bucket, and no more than one part ticket by ticket at each
 * end of a period. A part that is full is followed by the next one, which begins with the ticket that
 * no longer fits, so the parts of a partner hold about as many tickets each whether these came over
 * two years or within a minute. Deletions make buckets sparse; `merge-buckets.repository.ts` merges
 * sparse neighbours.
 */

/** Tickets after which a part is full. A batch is never divided, so a part may hold one batch more. */
export const TICKETS_PER_PART = 400;

/** What tickets are counted by. */
export const facets = {
  all: 'all',
  noVin: 'no-vin',
  customer: (id: string) => `customer:${id}`,
  product: (id: string) => `product:${id}`,
};

/** The facets of a row of prepared_tickets beside `all`, each with the condition under which the row has it. */
export const facetsOfTicket: readonly { readonly facet: string; readonly condition: string }[] = [
  { facet: "'customer:' || customer_id", condition: 'true' },
  { facet: "'no-vin'", condition: 'vin IS NULL' },
];

/** The facet of a row of product_lines. */
export const facetOfLine = "'product:' || product_id";

const PARTS = [0, 1, 2, 3] as const;
const joined = (part: (index: number) => string, separator: string) =>
  sql.raw(PARTS.map(part).join(separator));

/** The names of the four counters, and the sum of them. */
const partColumns = joined((i) => `part_${i}`, ', ');
export const ticketsOfRow = joined((i) => `part_${i}`, ' + ');
const addedParts = joined((i) => `part_${i} = part_${i} + excluded.part_${i}`, ', ');

/** A number in the column of the part `part`, and nought in the three others. */
const inParts = (tickets: SQL): SQL =>
  sql.join(
    PARTS.map((i) => sql`iif(part = ${sql.raw(String(i))}, ${tickets}, 0)`),
    sql`, `,
  );

/** In which part of the bucket `bucket` a time falls. */
export const partOf = (time: SQL): SQL =>
  sql`(coalesce(${time} >= bucket.begun_1, 0) + coalesce(${time} >= bucket.begun_2, 0)
    + coalesce(${time} >= bucket.begun_3, 0))`;

/** The newest bucket of a partner, which is the one that new tickets go into. */
const newestBucket = (partnerId: number): SQL =>
  sql`SELECT * FROM ticket_counts WHERE partner_id = ${partnerId} AND facet = 'all'
    ORDER BY begun_at DESC LIMIT 1`;

/** When the bucket of a time begins; NULL for a time before the first bucket. */
export const bucketOf = (partnerId: number | SQL, time: number | SQL): SQL =>
  sql`(SELECT max(begun_at) FROM ticket_counts
    WHERE partner_id = ${partnerId} AND facet = 'all' AND begun_at <= ${time})`;

/**
 * Makes room for new tickets, as the first statement of the batch that writes them, and counts them
 * among all. It decides their `created_at`: never before that of a ticket which the partner created
 * earlier, whatever the clock of this isolate says, and after all of those when a part begins.
 *
 * @param now milliseconds since 1970.
 * @param tickets how many are written at this time.
 * @param condition under which they are written; the other statements of the batch have the same.
 */
export function reserveTickets(
  partnerId: number,
  now: number,
  tickets: number,
  condition: SQL,
  ticketsPerPart: number,
) {
  const beginning = (part: number) => sql.raw(`iif(is_full AND part = ${part}, at, NULL)`);
  return sql<never>`INSERT INTO ticket_counts (partner_id, facet, begun_at, ${partColumns},
      begun_1, begun_2, begun_3, created, newest_at)
    SELECT ${partnerId}, 'all', iif(begun_at IS NULL OR (is_full AND part = 0), at, begun_at),
      ${inParts(sql`${tickets}`)}, ${beginning(1)}, ${beginning(2)}, ${beginning(3)},
      iif(is_full, 0, created) + ${tickets}, at
    FROM (SELECT begun_at, created, is_full, (newest_part + is_full) % 4 AS part,
        max(${now}, coalesce(newest_at + is_full, 0)) AS at
      FROM (SELECT bucket.begun_at, bucket.newest_at, coalesce(bucket.created, 0) AS created,
          ${partOf(sql`bucket.newest_at`)} AS newest_part,
          coalesce(bucket.created >= ${ticketsPerPart}, 0) AS is_full
        FROM (SELECT 1 WHERE ${condition}) LEFT JOIN (${newestBucket(partnerId)}) AS bucket))
    WHERE true
    ON CONFLICT (partner_id, facet, begun_at) DO UPDATE SET ${addedParts},
      begun_1 = coalesce(begun_1, excluded.begun_1), begun_2 = coalesce(begun_2, excluded.begun_2),
      begun_3 = coalesce(begun_3, excluded.begun_3), created = excluded.created,
      newest_at = excluded.newest_at`;
}

/** The `created_at` that `reserveTickets` decided, for the statements after it in its batch. */
export const reservedTime = (partnerId: number): SQL =>
  sql`(SELECT newest_at FROM (${newestBucket(partnerId)}))`;

/** The bucket and the part of the newest tickets, as a SELECT of `begun_at` and `part`. */
export const newestPlace = (partnerId: number): SQL =>
  sql`SELECT bucket.begun_at, ${partOf(sql`bucket.newest_at`)} AS part
    FROM (${newestBucket(partnerId)}) AS bucket`;

/**
 * The bucket and the part of a time, as a SELECT of `begun_at` and `part`.
 *
 * @param time a scalar; NULL has no place.
 */
const placeOf = (partnerId: number, time: SQL): SQL =>
  sql`SELECT bucket.begun_at, ${partOf(sql`moment.time`)} AS part
    FROM (SELECT ${time} AS time) AS moment CROSS JOIN ticket_counts AS bucket
    WHERE bucket.partner_id = ${partnerId} AND bucket.facet = 'all'
      AND bucket.begun_at = ${bucketOf(partnerId, sql`moment.time`)}`;

/**
 * The bucket and the part of the one ticket that matches `condition`, as a SELECT of `begun_at` and
 * `part`. It reads the ticket once, where `placeOf` would evaluate the condition for each use of the time.
 */
export const placeOfTicket = (partnerId: number, condition: SQL): SQL =>
  sql`SELECT bucket.begun_at, ${partOf(sql`ticket.created_at`)} AS part
    FROM (SELECT created_at FROM prepared_tickets WHERE ${condition}) AS ticket
      CROSS JOIN ticket_counts AS bucket
    WHERE bucket.partner_id = ${partnerId} AND bucket.facet = 'all'
      AND bucket.begun_at <= ticket.created_at
    ORDER BY bucket.begun_at DESC`;

/**
 * Adds to the counts, in the batch that changes the rows, so that the two never drift apart. The limits
 * keep SQLite from flattening the two, which would look the place up for each facet; and where no facet
 * changes, the place is not looked up.
 *
 * @param place of all the tickets: they have the same `created_at`.
 * @param facets a SELECT of each `facet` and the number to add to it, `tickets`.
 */
export function addToCounts(partnerId: number, place: SQL, facets: SQL) {
  return sql<never>`INSERT INTO ticket_counts (partner_id, facet, begun_at, ${partColumns})
    SELECT ${partnerId}, facet, begun_at, ${inParts(sql`tickets`)}
    FROM (${facets} LIMIT -1) CROSS JOIN (${place} LIMIT 1) WHERE true
    ON CONFLICT (partner_id, facet, begun_at) DO UPDATE SET ${addedParts}`;
}

/** What a new ticket is counted by, beside all. */
interface NewTicket {
  readonly customer_id: string;
  readonly vin: string | null;
  /** Of the lines that are written with it, each product once. */
  readonly productIds?: readonly string[];
}

/**
 * Counts a new ticket in, after `reserveTickets` made room for it.
 *
 * @param condition under which the ticket is written.
 */
export function countTicketIn(
  partnerId: number,
  { customer_id, vin, productIds = [] }: NewTicket,
  condition: SQL,
) {
  const names = [
    facets.customer(customer_id),
    ...(vin === null ? [facets.noVin] : []),
    ...productIds.map(facets.product),
  ];
  return addToCounts(
    partnerId,
    newestPlace(partnerId),
    sql`SELECT value AS facet, 1 AS tickets FROM (SELECT 1 WHERE ${condition})
      CROSS JOIN json_each(${JSON.stringify(names)})`,
  );
}

/** The time of the one ticket that matches `condition`, as a scalar. */
const timeOf = (condition: SQL): SQL =>
  sql`(SELECT created_at FROM prepared_tickets WHERE ${condition})`;

/** Counts the one ticket that matches `condition`, and its lines, out, before they are deleted. */
export function countTicketOut(partnerId: number, condition: SQL) {
  const facetsOut = facetsOfTicket.map(
    (one) => sql`UNION ALL SELECT ${sql.raw(one.facet)}, -1 FROM prepared_tickets
      WHERE ${condition} AND ${sql.raw(one.condition)}`,
  );
  return addToCounts(
    partnerId,
    placeOf(partnerId, timeOf(condition)),
    sql`SELECT 'all' AS facet, -1 AS tickets
      ${sql.join(facetsOut, sql` `)}
      UNION ALL SELECT ${sql.raw(facetOfLine)}, -1 FROM product_lines
        WHERE ticket_number = (SELECT ticket_number FROM prepared_tickets WHERE ${condition})`,
  );
}

/**
 * Counts the one ticket that matches `condition` in or out of those without a VIN, before its VIN
 * changes to `vin`.
 */
export function countVinChange(partnerId: number, condition: SQL, vin: string | null) {
  const change = sql.raw(vin === null ? '1 AS tickets' : '-1 AS tickets');
  const changes = sql`${condition} AND ${sql.raw(vin === null ? 'vin IS NOT NULL' : 'vin IS NULL')}`;
  return addToCounts(
    partnerId,
    placeOf(partnerId, timeOf(changes)),
    sql`SELECT 'no-vin' AS facet, ${change}`,
  );
}

/**
 * Counts a line in, before it is put on a ticket.
 *
 * @param ticket matches the one ticket if it does not have the line already.
 */
export function countLineIn(partnerId: number, ticket: SQL, productId: string) {
  return addToCounts(
    partnerId,
    placeOf(partnerId, timeOf(ticket)),
    sql`SELECT ${facets.product(productId)} AS facet, 1 AS tickets`,
  );
}

/** Counts the one line that matches `condition` out, before it is deleted. */
export function countLineOut(partnerId: number, productId: string, condition: SQL) {
  return addToCounts(
    partnerId,
    placeOf(partnerId, sql`(SELECT created_at FROM product_lines WHERE ${condition})`),
    sql`SELECT ${facets.product(productId)} AS facet, -1 AS tickets`,
  );
}

/** The condition that a bucket holds times of a period, on a row of `ticket_counts`. */
function bucketsWithin(partnerId: number, { from, to }: Period): SQL {
  const conditions = [
    ...(from === undefined
      ? []
      : [sql`begun_at >= coalesce(${bucketOf(partnerId, from)}, ${from})`]),
    ...(to === undefined ? [] : [sql`begun_at < ${to}`]),
  ];
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` AND `);
}

/** The condition that a row of `ticket_counts` counts a facet in a period or around it. */
export const countsWithin = (partnerId: number, facet: string, period: Period): SQL =>
  sql`partner_id = ${partnerId} AND facet = ${facet} AND ${bucketsWithin(partnerId, period)}`;

/** How many tickets of a facet the buckets that a period touches hold: no less than match. */
export function sumOfBuckets(partnerId: number, facet: string, period: Period): SQL {
  return sql`(SELECT coalesce(sum(${ticketsOfRow}), 0) FROM ticket_counts
    WHERE ${countsWithin(partnerId, facet, period)})`;
}
