import { sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';

/** Returns whether a ticket of the partner was picked up. */
export async function isPickedUp(db: Database, partnerId: number, id: string): Promise<boolean> {
  const { found } = await db.read({
    found: sql`SELECT 1 FROM tickets WHERE id = ${id} AND partner_id = ${partnerId}`,
  });
  return found.length > 0;
}

/** Returns the id of the latest picked-up ticket of the partner that has a reference, if there is one. */
export async function newestPickedUp(
  db: Database,
  partnerId: number,
  reference: string,
): Promise<string | undefined> {
  const { found } = await db.read({
    found: sql<{ id: string }>`SELECT id FROM tickets INDEXED BY tickets_reference
      WHERE partner_id = ${partnerId} AND preparer_external_reference = ${reference}
      ORDER BY picked_up_at DESC, ticket_number DESC LIMIT 1`,
  });
  return found[0]?.id;
}
