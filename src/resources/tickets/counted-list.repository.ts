import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/client.ts';
import { type Owned, ownedSql } from '../../db/owned.ts';
import type { Page } from '../../http/requests/pagination.ts';
import type { AccessPath } from './access-paths.repository.ts';
import { bucketOf, countsWithin, partOf, ticketsOfRow } from './buckets.repository.ts';
import { type Selection, within } from './selections.repository.ts';

/**
 * Lists by what is counted bucket by bucket: the total is a sum over buckets, and an offset is found by
 * adding up buckets, newest first, until the one in which it falls. Tickets are counted one by one only
 * within a single part of a bucket: at the two ends of a period, and where a page begins.
 */

/** An access path whose matches are counted. */
export type CountedPath = AccessPath & { readonly facet: string };

/** A partner's counted path in a period. */
interface Stretch<Row = unknown> extends Omit<Selection<Row>, 'filters'> {
  readonly path: CountedPath;
}

/** A row of a page with the total of the list. */
type Totalled<Row> = Row & { total: number };

/** Returns how many entries before `time` its bucket has, which is the bucket of `instant`, a time next to it. */
function entriesBefore({ book, partnerId, path }: Stretch, time: number, instant = time): Owned {
  return ownedSql`coalesce((SELECT (part > 0) * own.part_0 + (part > 1) * own.part_1
      + (part > 2) * own.part_2 + (SELECT count(*) FROM ${path.entries}
        WHERE ${path.condition} AND ${book.time} >= part_begun_at AND ${book.time} < ${time})
    FROM (SELECT begun_at, part, CASE part WHEN 0 THEN begun_at WHEN 1 THEN begun_1
        WHEN 2 THEN begun_2 ELSE begun_3 END AS part_begun_at
      FROM (SELECT begun_at, begun_1, begun_2, begun_3, ${partOf(sql`${instant}`)} AS part
        FROM ${book.counts} AS bucket
        WHERE partner_id = ${partnerId} AND facet = 'all' AND begun_at <= ${instant}
        ORDER BY begun_at DESC LIMIT 1)) AS place
    CROSS JOIN ${book.counts} AS own
    WHERE own.partner_id = ${partnerId} AND own.facet = ${path.facet}
      AND own.begun_at = place.begun_at), 0)`;
}

/** Returns a SELECT of how many entries before each end of the period the bucket there has: `first`, `last`. */
function endsOf(stretch: Stretch): SQL {
  const { from, to } = stretch.period;
  const first = from === undefined ? sql`0` : entriesBefore(stretch, from);
  const last = to === undefined ? sql`0` : entriesBefore(stretch, to, to - 1);
  return sql`SELECT ${first} AS first, ${last} AS last`;
}

/** Returns the total of a stretch, as a scalar, from a row of `endsOf` named `ends`. */
function totalOf({ book, partnerId, path, period }: Stretch): Owned {
  const { to } = period;
  const isWhole =
    to === undefined ? sql`true` : sql`begun_at < ${bucketOf(book, partnerId, to - 1)}`;
  return ownedSql`(SELECT coalesce(sum(${ticketsOfRow}), 0) FROM ${book.counts}
    WHERE ${countsWithin(book, partnerId, path.facet, period)} AND ${isWhole}) + ends.last - ends.first`;
}

/** Returns a SELECT of the tickets of a part of the path's entries, newest first. */
function ticketsOf<Row>(
  { book, partnerId, path }: Stretch<Row>,
  part: SQL,
  limit: number,
  offset: SQL,
): Owned<Row> {
  const { tickets, time, columns } = book;
  const found = ownedSql`FROM ${path.entries} WHERE ${path.condition} AND ${part}
    ORDER BY ${time} DESC, ticket_number DESC LIMIT ${limit} OFFSET ${offset}`;
  return path.areTickets
    ? ownedSql<Row>`SELECT ${columns} ${found}`
    : ownedSql<Row>`SELECT ${columns} FROM (SELECT ticket_number, ${time} ${found}) AS entry
        CROSS JOIN ${tickets}
          ON ${tickets}.partner_id = ${partnerId} AND ${tickets}.ticket_number = entry.ticket_number
        ORDER BY entry.${time} DESC, entry.ticket_number DESC`;
}

/** Returns how many entries after the period the bucket has in which the period ends, from `ends`. */
function entriesAfter({ book, partnerId, path, period: { to } }: Stretch): SQL {
  return to === undefined
    ? sql`0`
    : sql`coalesce((SELECT ${ticketsOfRow} FROM ${book.counts}
        WHERE partner_id = ${partnerId} AND facet = ${path.facet}
          AND begun_at = ${bucketOf(book, partnerId, to - 1)}), 0) - ends.last`;
}

/**
 * Returns a SELECT of a page that starts after the first entry, with the total in each of its rows. `found` is the bucket
 * in which the offset falls, with how many of its newest entries come before the page; `start` is the
 * end of the part in which the page begins, with how many entries before that end are skipped. Without
 * such a bucket the page is empty, and one row has nothing but the total.
 */
function seekPage<Row>(stretch: Stretch<Row>, { limit, offset }: Page): Owned<Totalled<Row>> {
  const { book, partnerId, path, period } = stretch;
  const to = period.to ?? Number.MAX_SAFE_INTEGER;
  const start = sql`WITH ends AS MATERIALIZED (${endsOf(stretch)}), found AS MATERIALIZED (
      SELECT begun_at, part_1, part_2, part_3, ${offset} + after - (through - tickets) AS newer
      FROM (SELECT ${entriesAfter(stretch)} AS after FROM ends) CROSS JOIN (
        SELECT begun_at, part_1, part_2, part_3, ${ticketsOfRow} AS tickets,
          sum(${ticketsOfRow}) OVER (ORDER BY begun_at DESC ROWS UNBOUNDED PRECEDING) AS through
        FROM ${book.counts} WHERE ${countsWithin(book, partnerId, path.facet, period)})
      WHERE through > ${offset} + after LIMIT 1),
    bucket AS MATERIALIZED (
      SELECT newer, part_1, part_2, part_3, begun_1, begun_2, begun_3, coalesce(
        (SELECT min(begun_at) FROM ${book.counts} WHERE partner_id = ${partnerId} AND facet = 'all'
          AND begun_at > found.begun_at), ${Number.MAX_SAFE_INTEGER}) AS ended_at
      FROM found CROSS JOIN (SELECT begun_at, begun_1, begun_2, begun_3 FROM ${book.counts}
        WHERE partner_id = ${partnerId} AND facet = 'all') AS of_all
      ON of_all.begun_at = found.begun_at),
    part AS MATERIALIZED (
      SELECT CASE WHEN newer < part_3 THEN ended_at
          WHEN newer < part_3 + part_2 THEN coalesce(begun_3, ended_at)
          WHEN newer < part_3 + part_2 + part_1 THEN coalesce(begun_2, begun_3, ended_at)
          ELSE coalesce(begun_1, begun_2, begun_3, ended_at) END AS ended_at,
        CASE WHEN newer < part_3 THEN newer
          WHEN newer < part_3 + part_2 THEN newer - part_3
          WHEN newer < part_3 + part_2 + part_1 THEN newer - part_3 - part_2
          ELSE newer - part_3 - part_2 - part_1 END AS skipped
      FROM bucket),
    start AS MATERIALIZED (
      SELECT min(ended_at, ${to}) AS ended_at, iif(ended_at > ${to}, ${offset}, skipped) AS skipped
      FROM part)`;
  const part = sql`${within(book, { from: period.from, to: undefined })}
    AND ${book.time} < (SELECT ended_at FROM start)`;
  const rows = ticketsOf(stretch, part, limit, sql`coalesce((SELECT skipped FROM start), 0)`);
  return ownedSql<Totalled<Row>>`${start}
    SELECT page.*, ${totalOf(stretch)} AS total FROM ends LEFT JOIN (${rows}) AS page
    ORDER BY page.${book.time} DESC, page.ticket_number DESC`;
}

/** Returns one page of the tickets of a stretch, newest first, and how many there are. */
export async function listByCounts<Row extends { readonly id: string }>(
  db: Database,
  stretch: Stretch<Row>,
  page: Page,
): Promise<{ rows: Row[]; total: number }> {
  if (page.offset > 0) {
    const { rows } = await db.read({ rows: seekPage(stretch, page) });
    // Without a ticket on the page, its one row has nothing but the total.
    return { rows: rows.filter(({ id }) => id !== null), total: rows[0]?.total ?? 0 };
  }
  const {
    rows,
    counted: [counted],
  } = await db.read({
    rows: ticketsOf(stretch, within(stretch.book, stretch.period), page.limit, sql`0`),
    counted: ownedSql<{ total: number }>`SELECT ${totalOf(stretch)} AS total
      FROM (${endsOf(stretch)}) AS ends`,
  });
  return { rows, total: counted?.total ?? 0 };
}
