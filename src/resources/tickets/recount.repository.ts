import type { Book } from './books.repository.ts';
import { TICKETS_PER_PART } from './buckets.repository.ts';

const PARTS = 'part_0, part_1, part_2, part_3';
const SUM = (row: string) =>
  `coalesce(${row}.part_0 + ${row}.part_1 + ${row}.part_2 + ${row}.part_3, 0)`;

/**
 * Returns SQL that compares the counts of a book with the rows that they count, and SQL that repairs them. It
 * reads every row, so it is for operators and for bulk loads, never for a request.
 *
 * @param facetsOfRows a SELECT of `partner_id`, `facet` and the time of the book, of every facet of every row.
 */
export function recountOf({ names: { tickets, time, counts } }: Book, facetsOfRows: string) {
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

  /** Selects each count that differs from its rows: partner_id, facet, begun_at, kept, actual. */
  const wrongCounts = `
    SELECT partner_id, facet, begun_at, ${SUM('kept')} AS kept, ${SUM('actual')} AS actual
    FROM (${countsOfRows}) AS actual
      FULL OUTER JOIN ${counts} AS kept USING (partner_id, facet, begun_at)
    WHERE (coalesce(kept.part_0, 0), coalesce(kept.part_1, 0), coalesce(kept.part_2, 0), coalesce(kept.part_3, 0))
      <> (coalesce(actual.part_0, 0), coalesce(actual.part_1, 0), coalesce(actual.part_2, 0), coalesce(actual.part_3, 0))`;

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
  return { wrongCounts, recount, repairCounts };
}
