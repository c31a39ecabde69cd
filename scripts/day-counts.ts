/** What `day_counts` must hold, counted from the rows: its four columns, for every partner. */
export const recountedSql = `
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
