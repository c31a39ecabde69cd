import type { Database } from '../../../db/client.ts';
import { ownedSql } from '../../../db/owned.ts';
import type { PartnerId } from '../../../db/partner-id.ts';

/** A partner. Times are milliseconds since 1970. */
interface PartnerRow {
  readonly name: string;
  readonly created_at: number;
}

/**
 * Reads a partner at the primary, because a replica may lack one that was just created.
 *
 * @returns undefined if the partner was deleted.
 */
export async function findPartner(
  db: Database,
  partnerId: PartnerId,
): Promise<PartnerRow | undefined> {
  const { found } = await db.readPrimary({
    found: ownedSql<PartnerRow>`SELECT name, created_at FROM partners WHERE id = ${partnerId}`,
  });
  return found[0];
}
