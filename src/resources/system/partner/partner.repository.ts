import { sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';

/** A partner. Times are milliseconds since 1970. */
interface PartnerRow {
  readonly name: string;
  readonly created_at: number;
}

/**
 * Reads a partner in a session that began at the primary, because a replica may lack one that was just created.
 *
 * @returns undefined if the partner was deleted.
 */
export async function findPartner(
  db: Database,
  partnerId: number,
): Promise<PartnerRow | undefined> {
  const { found } = await db.readPrimary({
    found: sql<PartnerRow>`SELECT name, created_at FROM partners WHERE id = ${partnerId}`,
  });
  return found[0];
}
