import type { Book } from './books.repository.ts';
import { TICKETS_PER_PART } from './buckets.repository.ts';
import type { RowFacet } from './recount.repository.ts';

/** The JSON path in the message of the error if the bucket is gone with which a repaired span began. */
export const MERGED = 'merged';
/** The most wrong counts that one statement returns, because D1 returns at most 50 MB. */
const MAX_ROWS = 1000;
/** A time after every other one, and one before every other one, in milliseconds since 1970. */
export const END_OF_TIME = Number.MAX_SAFE_INTEGER;
export const BEFORE_ALL_TIME = -1;

/** A span of the time of a partner's tickets: from `begun_at` to before `ended_at`. */
export interface Span {
  readonly partner_id: number;
  readonly begun_at: number;
  readonly ended_at: number;
}

/** A bucket, or the time before the first bucket of a partner. */
export interface Bucket extends Span {
  /** The number of its tickets, as it is stored and as it is. */
  readonly kept: number;
  readonly actual: number;
}

/** The key of a row in a table of counts. */
export interface CountKey {
  readonly partner_id: number;
  readonly facet: string;
  readonly begun_at: number;
}

/** A count that differs from the rows that it counts. */
export interface WrongCount extends CountKey {
  readonly kept: number;
  readonly actual: number;
}

const parts = (of: (part: number) => string) => [0, 1, 2, 3].map(of).join(', ');
const sum = (row: string) =>
  `coalesce(${row}.part_0 + ${row}.part_1 + ${row}.part_2 + ${row}.part_3, 0)`;
const textOf = ({ partner_id, facet, begun_at }: CountKey) =>
  `(${partner_id}, '${facet.replaceAll("'", "''")}', ${begun_at})`;

/**
 * Returns SQL that compares the counts of a book with the rows that they count, and repairs them, some tickets or
 * counts at a time: D1 ends a statement after 30 seconds. Counts change in the transaction of their rows and each
 * comparison is one statement, so what is written meanwhile does not make a correct count differ.
 */
export function recountPagesOf(
  { names: { tickets, time, counts, lines } }: Book,
  facets: readonly RowFacet[],
) {
  const all: RowFacet = { facet: "'all'", condition: 'true' };
  const endOf = (row: string) => `coalesce((SELECT min(begun_at) FROM ${counts} AS next
    WHERE next.partner_id = ${row}.partner_id AND next.facet = 'all' AND next.begun_at > ${row}.begun_at), ${END_OF_TIME})`;

  /** Every facet of every row of the buckets in `bucket`. */
  const entries = [all, ...facets].map(
    ({
      facet,
      condition,
      isOfLine,
    }) => `SELECT bucket.partner_id, ${facet} AS facet, bucket.begun_at,
        coalesce(ticket.${time} >= begun_1, 0) + coalesce(ticket.${time} >= begun_2, 0)
          + coalesce(ticket.${time} >= begun_3, 0) AS part
      FROM bucket CROSS JOIN ${tickets} AS ticket ON ticket.partner_id = bucket.partner_id
          AND ticket.${time} >= bucket.begun_at AND ticket.${time} < bucket.ended_at
        ${isOfLine ? `CROSS JOIN ${lines} AS line USING (partner_id, ticket_number)` : ''}
      WHERE ${condition}`,
  );

  /** The counts of the buckets that begin in some spans, from their rows, as the table `actual`. */
  const actual = (spans: readonly Span[]) => `WITH bucket AS MATERIALIZED (
      SELECT one.*, ${endOf('one')} AS ended_at FROM (SELECT column1 AS of_partner, column2 AS first, column3 AS last
          FROM (VALUES ${spans.map((span) => `(${span.partner_id}, ${span.begun_at}, ${span.ended_at})`).join(', ')}))
        CROSS JOIN ${counts} AS one ON partner_id = of_partner AND facet = 'all'
          AND begun_at >= first AND begun_at < last),
    actual AS (SELECT partner_id, facet, begun_at, ${parts((part) => `sum(part = ${part}) AS part_${part}`)}
      FROM (${entries.join(' UNION ALL ')}) GROUP BY 1, 2, 3)`;

  /** The condition that a row of `kept` says that it has tickets, and has none. */
  const isUnfounded = `NOT EXISTS (SELECT 1 FROM ${counts} AS bucket WHERE bucket.partner_id = kept.partner_id
      AND bucket.facet = 'all' AND bucket.begun_at = kept.begun_at)
    OR NOT (${[all, ...facets]
      .map(
        ({
          facet,
          condition,
          value,
          isOfLine,
        }) => `EXISTS (SELECT 1 FROM ${isOfLine ? lines : tickets} AS row
          WHERE row.partner_id = kept.partner_id AND row.${time} >= kept.begun_at AND row.${time} < kept.ended_at
            ${value === undefined ? '' : `AND row.${value} = substr(kept.facet, instr(kept.facet, ':') + 1)`}
            AND ${condition} AND ${facet} = kept.facet)`,
      )
      .join(' OR ')})`;

  /** Selects the rows of the counts between two keys that say that they have tickets, and have none. */
  const unfounded = (after: CountKey, last: CountKey | undefined) => `
    SELECT partner_id, facet, begun_at, ${sum('kept')} AS kept, 0 AS actual
    FROM (SELECT *, ${endOf('one')} AS ended_at FROM ${counts} AS one
      WHERE (partner_id, facet, begun_at) > ${textOf(after)}
        ${last === undefined ? '' : `AND (partner_id, facet, begun_at) <= ${textOf(last)}`}
        AND (${parts((part) => `part_${part}`)}) <> (0, 0, 0, 0)) AS kept
    WHERE ${isUnfounded}`;

  /** Returns the condition that a row lies in a span. */
  const within = (column: string, { partner_id, begun_at, ended_at }: Span) =>
    `partner_id = ${partner_id} AND ${column} >= ${begun_at} AND ${column} < ${ended_at}`;

  /** The newest time that a partner ever gave a ticket, also if the ticket is gone. */
  const newest = (partnerId: number) => `max(
    coalesce((SELECT max(newest_at) FROM ${counts} WHERE partner_id = ${partnerId} AND facet = 'all'), 0),
    coalesce((SELECT max(${time}) FROM ${tickets} WHERE partner_id = ${partnerId}), 0))`;

  return {
    /** Selects the buckets of all partners, as `Bucket`. It reads the time of each ticket once, from an index. */
    buckets: `SELECT partner_id, begun_at, ended_at, kept, (SELECT count(*) FROM ${tickets} AS ticket
          WHERE ticket.partner_id = bucket.partner_id AND ${time} >= begun_at AND ${time} < ended_at) AS actual
      FROM (SELECT partner_id, begun_at, kept,
          lead(begun_at, 1, ${END_OF_TIME}) OVER (PARTITION BY partner_id ORDER BY begun_at) AS ended_at
        FROM (SELECT id AS partner_id, ${BEFORE_ALL_TIME} AS begun_at, 0 AS kept FROM partners
          UNION ALL SELECT partner_id, begun_at, ${sum('one')} FROM partners
            CROSS JOIN ${counts} AS one ON partner_id = partners.id AND facet = 'all')) AS bucket
      ORDER BY 1, 2`,

    /** Selects the counts of the buckets in some spans that differ from their rows, as `WrongCount`. */
    wrongCounts: (spans: readonly Span[]) => `${actual(spans)}
      SELECT partner_id, facet, begun_at, ${sum('kept')} AS kept, ${sum('actual')} AS actual
      FROM actual LEFT JOIN ${counts} AS kept USING (partner_id, facet, begun_at)
      WHERE (${parts((part) => `kept.part_${part}`)}) IS NOT (${parts((part) => `actual.part_${part}`)}) LIMIT ${MAX_ROWS}`,

    /** Selects the key of the count that is a number of rows after a key. */
    countAfter: (after: CountKey, rows: number) => `
      SELECT partner_id, facet, begun_at FROM ${counts} WHERE (partner_id, facet, begun_at) > ${textOf(after)}
      ORDER BY 1, 2, 3 LIMIT 1 OFFSET ${rows - 1}`,

    /** Selects the counts between two keys that say that there are tickets, and there are none, as `WrongCount`. */
    unfounded: (after: CountKey, last: CountKey | undefined) =>
      `${unfounded(after, last)} LIMIT ${MAX_ROWS}`,

    /** Removes what `unfounded` selects. */
    removeUnfounded: (after: CountKey, last: CountKey | undefined) => `
      DELETE FROM ${counts} WHERE facet <> 'all' AND (partner_id, facet, begun_at) IN
        (SELECT partner_id, facet, begun_at FROM (${unfounded(after, last)}))`,

    /** Selects when a span ends that begins at a time and has a number of tickets, or more if these have one time. */
    endAfter: ({ partner_id, begun_at }: Pick<Span, 'partner_id' | 'begun_at'>, rows: number) => {
      const next = `(SELECT ${time} FROM ${tickets} WHERE partner_id = ${partner_id} AND ${time} > ${begun_at}
        AND ${time} >= coalesce((SELECT ${time} FROM ${tickets} WHERE partner_id = ${partner_id}
          AND ${time} >= ${begun_at} ORDER BY ${time} LIMIT 1 OFFSET ${rows}), ${END_OF_TIME})
        ORDER BY ${time} LIMIT 1)`;
      return `SELECT coalesce(${next}, ${END_OF_TIME}) AS ended_at`;
    },

    /**
     * Returns the statements, for one batch, that make the buckets and counts of a span anew. The span begins with a
     * bucket or before all time, and a bucket begins at its end. The last span of a partner has to follow.
     */
    repair: (span: Span): string[] => {
      const { partner_id, begun_at, ended_at } = span;
      const partAt = (part: number) => `max(iif(part = ${part}, ${time}, NULL))`;
      const begins = `begun_at = ${begun_at} AND partner_id = ${partner_id} AND facet = 'all'`;
      const beginnings = `SELECT ${partAt(0)} AS begun_at, ${partAt(1)} AS begun_1, ${partAt(2)} AS begun_2, ${partAt(3)} AS begun_3
        FROM (SELECT ${time}, n / ${4 * TICKETS_PER_PART} AS bucket, n / ${TICKETS_PER_PART} % 4 AS part
          FROM (SELECT ${time}, row_number() OVER (ORDER BY ${time}, ticket_number) - 1 AS n
            FROM ${tickets} WHERE ${within(time, span)}) WHERE n % ${TICKETS_PER_PART} = 0)
        GROUP BY bucket`;
      const bucketOf = (columns: string) =>
        `INSERT INTO ${counts} (partner_id, facet, created, newest_at, ${columns})
          SELECT ${partner_id}, 'all', ${TICKETS_PER_PART}, ${newest(partner_id)}, ${columns}`;
      return [
        // The cron trigger merges buckets. It can have merged the one at which this span begins.
        `SELECT json_extract('{}', iif(${begun_at < 0 ? 'true' : `EXISTS (SELECT 1 FROM ${counts} WHERE ${begins})`}, '$', '${MERGED}'))`,
        `UPDATE ${counts} SET part_0 = 0, part_1 = 0, part_2 = 0, part_3 = 0, begun_1 = NULL, begun_2 = NULL,
          begun_3 = NULL, created = ${TICKETS_PER_PART} WHERE facet = 'all' AND ${within('begun_at', span)}`,
        `${bucketOf('begun_at, begun_1, begun_2, begun_3')} FROM (${beginnings}) WHERE begun_at IS NOT NULL
          ON CONFLICT (partner_id, facet, begun_at) DO UPDATE SET begun_1 = excluded.begun_1,
            begun_2 = excluded.begun_2, begun_3 = excluded.begun_3, newest_at = excluded.newest_at`,
        ended_at === END_OF_TIME
          ? 'SELECT 1'
          : `${bucketOf('begun_at')} FROM (SELECT ${ended_at} AS begun_at) WHERE true ON CONFLICT DO NOTHING`,
        `DELETE FROM ${counts} WHERE facet = 'all' AND ${within('begun_at', span)}
          AND begun_at NOT IN (SELECT begun_at FROM (${beginnings}) WHERE begun_at IS NOT NULL)
          AND begun_at < (SELECT max(begun_at) FROM ${counts} WHERE partner_id = ${partner_id} AND facet = 'all')`,
        `${actual([span])} INSERT INTO ${counts} (partner_id, facet, begun_at, ${parts((part) => `part_${part}`)})
          SELECT partner_id, facet, begun_at, ${parts((part) => `part_${part}`)} FROM actual WHERE true
          ON CONFLICT (partner_id, facet, begun_at) DO UPDATE SET
            ${parts((part) => `part_${part} = excluded.part_${part}`)}`,
      ];
    },
  };
}
