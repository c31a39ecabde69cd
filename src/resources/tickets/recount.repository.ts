import type { Book } from './books.repository.ts';
import { TICKETS_PER_PART } from './buckets.repository.ts';

const PARTS = 'part_0, part_1, part_2, part_3';

/** A facet of the rows of a book, beside `all`. */
export interface RowFacet {
  /** The facet of a row, in SQL. */
  readonly facet: string;
  /** The condition under which a row has it. */
  readonly condition: string;
  /** The column whose value follows the colon in the facet. */
  readonly value?: string;
  /** Whether the rows are the product lines instead of the tickets. */
  readonly isOfLine?: boolean;
}

/**
 * Returns SQL that makes the counts of a book anew from the rows that they count. It reads every row in one statement,
 * so it is for bulk loads, never for a request or a full home.
 */
export function recountOf(
  { names: { tickets, time, counts, lines } }: Book,
  facets: readonly RowFacet[],
) {
  /** Every facet of every row, with the time that decides its bucket. */
  const facetsOfRows = `SELECT partner_id, 'all' AS facet, ${time} FROM ${tickets} ${facets
    .map(
      ({ facet, condition, isOfLine }) =>
        `UNION ALL SELECT partner_id, ${facet}, ${time} FROM ${isOfLine ? lines : tickets} WHERE ${condition}`,
    )
    .join(' ')}`;

  /** The first ticket of a bucket or part, by partner: the bucket, the part in it, and when it begins. */
  const beginnings = `
    SELECT partner_id, n / (4 * ${TICKETS_PER_PART}) AS bucket,
      n / ${TICKETS_PER_PART} % 4 AS part, ${time}
    FROM (SELECT partner_id, ${time}, row_number() OVER (
        PARTITION BY partner_id ORDER BY ${time}, ticket_number) - 1 AS n FROM ${tickets})
    WHERE n % ${TICKETS_PER_PART} = 0`;

  const partAt = (part: number) => `max(iif(part = ${part}, ${time}, NULL))`;

  /** The correct counts, from the rows and the present buckets. */
  const countsOfRows = `
    SELECT partner_id, facet, begun_at, ${[0, 1, 2, 3]
      .map((part) => `sum(part = ${part}) AS part_${part}`)
      .join(', ')}
    FROM (SELECT facets.partner_id, facets.facet, bucket.begun_at,
        coalesce(facets.${time} >= begun_1, 0) + coalesce(facets.${time} >= begun_2, 0)
          + coalesce(facets.${time} >= begun_3, 0) AS part
      FROM (${facetsOfRows}) AS facets CROSS JOIN ${counts} AS bucket
      WHERE bucket.partner_id = facets.partner_id AND bucket.facet = 'all'
        AND bucket.begun_at = (SELECT max(begun_at) FROM ${counts} WHERE partner_id = facets.partner_id
          AND facet = 'all' AND begun_at <= facets.${time}))
    GROUP BY 1, 2, 3`;

  /** Sets each count that differs to what its rows say, and leaves the buckets as they are. */
  const recount = `
    INSERT INTO ${counts} (partner_id, facet, begun_at, ${PARTS})
      SELECT partner_id, facet, begun_at, coalesce(actual.part_0, 0), coalesce(actual.part_1, 0),
        coalesce(actual.part_2, 0), coalesce(actual.part_3, 0)
      FROM (${countsOfRows}) AS actual FULL OUTER JOIN ${counts} AS kept USING (partner_id, facet, begun_at)
      WHERE true
      ON CONFLICT (partner_id, facet, begun_at) DO UPDATE SET part_0 = excluded.part_0,
        part_1 = excluded.part_1, part_2 = excluded.part_2, part_3 = excluded.part_3`;

  /** Statements, in order, that rebuild all buckets and counts from the rows. */
  const repairCounts = [
    // The newest time that a partner ever gave a ticket outlives the ticket.
    `INSERT INTO ${counts} (partner_id, facet, begun_at, newest_at)
      SELECT partner_id, 'newest', 0, max(newest_at) FROM ${counts} WHERE facet = 'all' GROUP BY 1
      HAVING max(newest_at) IS NOT NULL`,
    `DELETE FROM ${counts} WHERE facet <> 'newest'`,
    `INSERT INTO ${counts} (partner_id, facet, begun_at, begun_1, begun_2, begun_3, created, newest_at)
      SELECT partner_id, 'all', ${partAt(0)}, ${partAt(1)}, ${partAt(2)}, ${partAt(3)}, ${TICKETS_PER_PART},
        (SELECT max(${time}) FROM ${tickets} WHERE partner_id = beginnings.partner_id)
      FROM (${beginnings}) AS beginnings GROUP BY partner_id, bucket ORDER BY 1, 3
      ON CONFLICT DO NOTHING`,
    `INSERT INTO ${counts} (partner_id, facet, begun_at, created, newest_at)
      SELECT partner_id, 'all', newest_at, 0, newest_at FROM ${counts} AS newest WHERE facet = 'newest'
        AND NOT EXISTS (SELECT 1 FROM ${counts} AS bucket
          WHERE bucket.partner_id = newest.partner_id AND bucket.facet = 'all')`,
    `UPDATE ${counts} SET newest_at = max(newest_at, coalesce((SELECT newest_at FROM ${counts} AS newest
        WHERE newest.partner_id = ${counts}.partner_id AND newest.facet = 'newest'), 0))
      WHERE facet = 'all'`,
    `DELETE FROM ${counts} WHERE facet = 'newest'`,
    recount,
  ];
  return { recount, repairCounts };
}
