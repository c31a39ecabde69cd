import { env } from 'cloudflare:workers';
import type { Ticket } from './tickets.ts';

/**
 * The conditions of filters in the simplest SQL. Any other filter compares the column of its name. Values
 * are bound in order.
 */
const conditions: Record<string, string> = {
  created_after: 'created_at > ?',
  created_before: 'created_at < ?',
  product_id:
    'EXISTS (SELECT 1 FROM product_lines l WHERE l.ticket_number = t.ticket_number AND l.product_id = ?)',
  vin: 'vin IS ?',
};

/**
 * Returns the expected ids and total of a list by counting and skipping every row.
 *
 * @param filters the filters. Times are milliseconds since 1970, and `vin` is null for tickets without a VIN.
 */
export async function naiveList(
  partnerId: number,
  filters: Record<string, unknown>,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ ids: string[]; total: number }> {
  const chosen = Object.keys(filters).map((name) => conditions[name] ?? `${name} = ?`);
  const where = ['partner_id = ?', ...chosen].join(' AND ');
  const values = [partnerId, ...Object.values(filters)];
  const [rows, [counted]] = await Promise.all([
    env.DB.prepare(
      `SELECT id FROM prepared_tickets t WHERE ${where} ORDER BY created_at DESC, ticket_number DESC LIMIT ? OFFSET ?`,
    )
      .bind(...values, limit, offset)
      .all<Pick<Ticket, 'id'>>(),
    env.DB.prepare(`SELECT count(*) AS total FROM prepared_tickets t WHERE ${where}`)
      .bind(...values)
      .all<{ total: number }>()
      .then(({ results }) => results),
  ]);
  return { ids: rows.results.map(({ id }) => id), total: counted?.total ?? 0 };
}

/** Counts the rows. Returns the number of tickets by `partner facet day`. */
export async function naiveCounts(db = env.DB): Promise<Record<string, number>> {
  const { results } = await db
    .prepare(
      `SELECT partner_id || ' all ' || (created_at / 86400000) AS key, count(*) AS n FROM prepared_tickets GROUP BY 1
     UNION ALL SELECT partner_id || ' customer:' || customer_id || ' ' || (created_at / 86400000), count(*) FROM prepared_tickets GROUP BY 1
     UNION ALL SELECT partner_id || ' no-vin ' || (created_at / 86400000), count(*) FROM prepared_tickets WHERE vin IS NULL GROUP BY 1
     UNION ALL SELECT partner_id || ' product:' || product_id || ' ' || (created_at / 86400000), count(*) FROM product_lines GROUP BY 1`,
    )
    .all<{ key: string; n: number }>();
  return Object.fromEntries(results.map(({ key, n }) => [key, n]));
}

/** Returns the stored counts that are not 0, by `partner facet day`. */
export async function keptCounts(db = env.DB): Promise<Record<string, number>> {
  const { results } = await db
    .prepare(
      `SELECT partner_id || ' ' || facet || ' ' || day AS key, tickets AS n FROM day_counts WHERE tickets <> 0`,
    )
    .all<{ key: string; n: number }>();
  return Object.fromEntries(results.map(({ key, n }) => [key, n]));
}
