import { type SQL, sql } from 'drizzle-orm';
import { type Owned, ownedSql } from '../../db/owned.ts';
import type { PartnerId } from '../../db/partner-id.ts';
import type { Book } from './books.repository.ts';
import type { Period } from './period.ts';

/**
 * Counts of tickets, kept by the transaction of each write, so that an exact total and a page at any
 * offset cost rows by buckets and not by tickets.
 *
 * A bucket is a span of the time of a book, `created_at` for prepared tickets: it reaches from its own
 * `begun_at` to that of the partner's next bucket. The rows of the facet `all` define the buckets; every
 * other facet counts the tickets of the same spans. A bucket has four parts with a counter each, in one
 * row, because D1 bills rows and not columns: a total reads one row for each bucket, and no more than
 * one part ticket by ticket at each end of a period. A part that is full is followed by the next one,
 * which begins with the ticket that no longer fits, so the parts of a partner hold about as many
 * tickets each whether these came over two years or within a minute. Deletions make buckets sparse;
 * `merge-buckets.repository.ts` merges sparse neighbours. Picked-up tickets are never deleted.
 */

/** Tickets after which a part is full. A batch is never divided, so a part may hold one batch more. */
export const TICKETS_PER_PART = 400;

/** What the tickets of every book are counted by. */
export const facetsOfBook = {
  all: 'all',
  customer: (id: string) => `customer:${id}`,
};

/** The facet of a customer, on a row of a table of tickets. */
export const facetOfCustomer = "'customer:' || customer_id";

const PARTS = [0, 1, 2, 3] as const;
const joined = (part: (index: number) => string, separator: string) =>
  sql.raw(PARTS.map(part).join(separator));

/** The names of the four counters, and the sum of them. */
const partColumns = joined((i) => `part_${i}`, ', ');
export const ticketsOfRow = joined((i) => `part_${i}`, ' + ');
const addedParts = joined((i) => `part_${i} = part_${i} + excluded.part_${i}`, ', ');

/** Returns the values of the four counters: a number for the part `part`, and 0 for the others. */
const inParts = (tickets: SQL): SQL =>
  sql.join(
    PARTS.map((i) => sql`iif(part = ${sql.raw(String(i))}, ${tickets}, 0)`),
    sql`, `,
  );

/** Returns the part of the bucket `bucket` in which a time falls. */
export const partOf = (time: SQL): SQL =>
  sql`(coalesce(${time} >= bucket.begun_1, 0) + coalesce(${time} >= bucket.begun_2, 0)
    + coalesce(${time} >= bucket.begun_3, 0))`;

/** Returns a SELECT of the newest bucket of a partner, which is the one that receives new tickets. */
const newestBucket = ({ counts }: Book, partnerId: PartnerId): Owned =>
  ownedSql`SELECT * FROM ${counts} WHERE partner_id = ${partnerId} AND facet = 'all'
    ORDER BY begun_at DESC LIMIT 1`;

/** Returns when the bucket of a time begins, as a scalar; NULL for a time before the first bucket. */
export const bucketOf = ({ counts }: Book, partnerId: PartnerId, time: number | SQL): Owned =>
  ownedSql`(SELECT max(begun_at) FROM ${counts}
    WHERE partner_id = ${partnerId} AND facet = 'all' AND begun_at <= ${time})`;

/** A write of new tickets to a book. */
interface Reservation {
  readonly partnerId: PartnerId;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Tickets after which a part is full; only tests state another number than `TICKETS_PER_PART`. */
  readonly ticketsPerPart?: number | undefined;
}

/**
 * Makes room for new tickets, as the first statement of the batch that writes them, and counts them
 * among all. It decides their time in the book: never before that of a ticket which the partner's book
 * received earlier, whatever the clock of this isolate says, and after all of those when a part begins or the times of
 * the book are unique.
 *
 * @param tickets how many are written at this time.
 * @param condition under which they are written; the other statements of the batch have the same.
 */
export function reserveTickets(
  book: Book,
  { partnerId, now, ticketsPerPart = TICKETS_PER_PART }: Reservation,
  tickets: number | SQL,
  condition: SQL,
) {
  const step = sql.raw(book.hasUniqueTimes ? '1' : 'is_full');
  const beginning = (part: number) => sql.raw(`iif(is_full AND part = ${part}, at, NULL)`);
  return ownedSql<never>`INSERT INTO ${book.counts} (partner_id, facet, begun_at, ${partColumns},
      begun_1, begun_2, begun_3, created, newest_at)
    SELECT ${partnerId}, 'all', iif(begun_at IS NULL OR (is_full AND part = 0), at, begun_at),
      ${inParts(sql`${tickets}`)}, ${beginning(1)}, ${beginning(2)}, ${beginning(3)},
      iif(is_full, 0, created) + ${tickets}, at
    FROM (SELECT begun_at, created, is_full, (newest_part + is_full) % 4 AS part,
        max(${now}, coalesce(newest_at + ${step}, 0)) AS at
      FROM (SELECT bucket.begun_at, bucket.newest_at, coalesce(bucket.created, 0) AS created,
          ${partOf(sql`bucket.newest_at`)} AS newest_part,
          coalesce(bucket.created >= ${ticketsPerPart}, 0) AS is_full
        FROM (SELECT 1 WHERE ${condition}) LEFT JOIN (${newestBucket(book, partnerId)}) AS bucket))
    WHERE true
    ON CONFLICT (partner_id, facet, begun_at) DO UPDATE SET ${addedParts},
      begun_1 = coalesce(begun_1, excluded.begun_1), begun_2 = coalesce(begun_2, excluded.begun_2),
      begun_3 = coalesce(begun_3, excluded.begun_3), created = excluded.created,
      newest_at = excluded.newest_at`;
}

/** Returns the time that `reserveTickets` decided, for the statements after it in its batch. */
export const reservedTime = (book: Book, partnerId: PartnerId): Owned =>
  ownedSql`(SELECT newest_at FROM (${newestBucket(book, partnerId)}))`;

/** Returns the bucket and the part of the newest tickets, as a SELECT of `begun_at` and `part`. */
export const newestPlace = (book: Book, partnerId: PartnerId): Owned =>
  ownedSql`SELECT bucket.begun_at, ${partOf(sql`bucket.newest_at`)} AS part
    FROM (${newestBucket(book, partnerId)}) AS bucket`;

/**
 * Returns the bucket and the part of a time, as a SELECT of `begun_at` and `part`.
 *
 * @param time a scalar; NULL has no place.
 */
export const placeOf = (book: Book, partnerId: PartnerId, time: SQL): Owned =>
  ownedSql`SELECT bucket.begun_at, ${partOf(sql`moment.time`)} AS part
    FROM (SELECT ${time} AS time) AS moment CROSS JOIN ${book.counts} AS bucket
    WHERE bucket.partner_id = ${partnerId} AND bucket.facet = 'all'
      AND bucket.begun_at = ${bucketOf(book, partnerId, sql`moment.time`)}`;

/**
 * Adds to the counts, in the batch that changes the rows, so that the two never drift apart. The limits
 * keep SQLite from flattening the two, which would look the place up for each facet; and where no facet
 * changes, the place is not looked up.
 *
 * @param place of all the tickets: they have the same time in the book.
 * @param facets a SELECT of each `facet` and the number to add to it, `tickets`.
 */
export function addToCounts(book: Book, partnerId: PartnerId, place: SQL, facets: SQL) {
  return ownedSql<never>`INSERT INTO ${book.counts} (partner_id, facet, begun_at, ${partColumns})
    SELECT ${partnerId}, facet, begun_at, ${inParts(sql`tickets`)}
    FROM (${facets} LIMIT -1) CROSS JOIN (${place} LIMIT 1) WHERE true
    ON CONFLICT (partner_id, facet, begun_at) DO UPDATE SET ${addedParts}`;
}

/**
 * Moves tickets with different times in the book between facets, in the batch that changes their rows. It writes one row
 * for each facet and bucket whose counts change, however many tickets change them.
 *
 * @param moves a SELECT of the `time` of each ticket, and of the facets that it `leaves` and `joins`: JSON objects with
 * the names of facets, and the values -1 and 1. A facet in both stays as it is.
 */
export function moveBetweenFacets(book: Book, partnerId: PartnerId, moves: SQL) {
  const sums = joined((i) => `sum(iif(part = ${i}, tickets, 0))`, ', ');
  const isAnyChanged = joined((i) => `sum(iif(part = ${i}, tickets, 0)) <> 0`, ' OR ');
  return ownedSql<never>`INSERT INTO ${book.counts} (partner_id, facet, begun_at, ${partColumns})
    SELECT ${partnerId}, moved.facet, moved.begun_at, ${sums}
    FROM (SELECT change.key AS facet, change.value AS tickets, bucket.begun_at, ${partOf(sql`move.time`)} AS part
      FROM (${moves} LIMIT -1) AS move CROSS JOIN ${book.counts} AS bucket
        CROSS JOIN json_each(json_patch(leaves, joins)) AS change
      WHERE bucket.partner_id = ${partnerId} AND bucket.facet = 'all'
        AND bucket.begun_at = ${bucketOf(book, partnerId, sql`move.time`)}
        AND (change.value < 0 OR instr(leaves, '"' || change.key || '"') = 0)) AS moved
    GROUP BY moved.facet, moved.begun_at HAVING ${isAnyChanged}
    ON CONFLICT (partner_id, facet, begun_at) DO UPDATE SET ${addedParts}`;
}

/** Returns the condition that a bucket has times of a period, on a row of its counts. */
function bucketsWithin(book: Book, partnerId: PartnerId, { from, to }: Period): SQL {
  const conditions = [
    ...(from === undefined
      ? []
      : [sql`begun_at >= coalesce(${bucketOf(book, partnerId, from)}, ${from})`]),
    ...(to === undefined ? [] : [sql`begun_at < ${to}`]),
  ];
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` AND `);
}

/** Returns the condition that a row of the counts is of a facet, and of a bucket that overlaps a period. */
export const countsWithin = (
  book: Book,
  partnerId: PartnerId,
  facet: string,
  period: Period,
): Owned =>
  ownedSql`partner_id = ${partnerId} AND facet = ${facet} AND ${bucketsWithin(book, partnerId, period)}`;

/** Returns how many tickets of a facet the buckets that overlap a period have: at least as many as match. */
export function sumOfBuckets(
  book: Book,
  partnerId: PartnerId,
  facet: string,
  period: Period,
): Owned {
  return ownedSql`(SELECT coalesce(sum(${ticketsOfRow}), 0) FROM ${book.counts}
    WHERE ${countsWithin(book, partnerId, facet, period)})`;
}
