import { sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { removeInBatches } from '../../../db/removal.ts';

/** How long an event is kept at least, in milliseconds: 30 days. */
export const EVENT_RETENTION_MS = 30 * 86_400_000;

/**
 * Removes the expired events of all partners. The newest event of a partner is kept, so that its sequence
 * goes on. `created_at` never decreases with the sequence, so the expired events of a partner are its oldest.
 *
 * @param now milliseconds since 1970.
 * @returns the number of removed events.
 */
export async function removeExpiredEvents(db: Database, now: number): Promise<number> {
  const expired = sql`created_at < ${now - EVENT_RETENTION_MS}`;
  const { partners } = await db.read({
    partners: sql<{ id: number; newest: number }>`SELECT of_partner AS id, newest FROM (
        SELECT id AS of_partner, (SELECT max(sequence) FROM events WHERE partner_id = partners.id) AS newest
        FROM partners)
      WHERE EXISTS (SELECT 1 FROM (SELECT sequence, created_at FROM events
          WHERE partner_id = of_partner ORDER BY sequence LIMIT 1)
        WHERE ${expired} AND sequence < newest)`,
  });
  let count = 0;
  for (const { id, newest } of partners) {
    count += await removeInBatches(
      db,
      (limit) => sql`DELETE FROM events WHERE partner_id = ${id} AND sequence IN (
        SELECT sequence FROM (SELECT sequence, created_at FROM events
          WHERE partner_id = ${id} AND sequence < ${newest} ORDER BY sequence LIMIT ${limit})
        WHERE ${expired}) RETURNING sequence`,
    );
  }
  return count;
}
