import { sql } from 'drizzle-orm';
import type { Database } from '../../../../db/client.ts';

/** Returns the ids of the enabled endpoints of a partner. */
export async function findEnabled(db: Database, partnerId: number): Promise<string[]> {
  const { found } = await db.readPrimary({
    found: sql<{ id: string }>`SELECT id FROM webhook_endpoints
      WHERE partner_id = ${partnerId} AND disabled_at IS NULL`,
  });
  return found.map(({ id }) => id);
}
