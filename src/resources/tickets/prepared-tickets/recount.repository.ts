/**
 * SQL that holds `day_counts` against the rows that it counts. It reads every row, so it is for
 * operators and for bulk loads, never for a request.
 */

/** What the counts must be, from the rows alone. */
const countsOfRows = `
  SELECT partner_id, 'all' AS facet, created_at / 86400000 AS day, count(*) AS tickets
    FROM prepared_tickets GROUP BY 1, 3
  UNION ALL
  SELECT partner_id, 'customer:' || customer_id, created_at / 86400000, count(*)
    FROM prepared_tickets GROUP BY 1, 2, 3
  UNION ALL
  SELECT partner_id, 'no-vin', created_at / 86400000, count(*)
    FROM prepared_tickets WHERE vin IS NULL GROUP BY 1, 3
  UNION ALL
  SELECT partner_id, 'product:' || product_id, created_at / 86400000, count(*)
    FROM product_lines GROUP BY 1, 2, 3`;

/** Selects each count that differs from its rows: partner_id, facet, day, kept, actual. */
export const wrongCounts = `
  SELECT partner_id, facet, day, coalesce(kept.tickets, 0) AS kept, coalesce(actual.tickets, 0) AS actual
  FROM (${countsOfRows}) AS actual FULL OUTER JOIN day_counts AS kept USING (partner_id, facet, day)
  WHERE coalesce(kept.tickets, 0) <> coalesce(actual.tickets, 0)`;

/** Sets each count that differs to what its rows say; reads and writes in one statement. */
export const repairCounts = `
  INSERT INTO day_counts (partner_id, facet, day, tickets)
  SELECT partner_id, facet, day, actual FROM (${wrongCounts}) WHERE true
  ON CONFLICT (partner_id, facet, day) DO UPDATE SET tickets = excluded.tickets`;
