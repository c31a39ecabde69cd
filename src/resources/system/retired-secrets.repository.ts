import { sql } from 'drizzle-orm';
import { ACCESS_TOKEN_LIFETIME_S } from '../../auth/access-tokens.ts';
import type { Database } from '../../db/client.ts';
import { removeInBatches } from '../../db/removal.ts';

/**
 * How long a retired secret is kept after its end, in milliseconds: the lifetime of the tokens that
 * were issued for it. For as long as there are such tokens, a report that the secret leaked finds the
 * client and revokes them.
 */
export const RETIRED_KEPT_MS = ACCESS_TOKEN_LIFETIME_S * 1000;

/**
 * Removes the retired secrets of all partners that no report of a leak needs any more.
 *
 * @param now milliseconds since 1970.
 * @returns how many secrets were removed.
 */
export function removeRetiredSecrets(db: Database, now: number): Promise<number> {
  return removeInBatches(
    db,
    (limit) => sql`DELETE FROM retired_secrets WHERE sha256 IN (
      SELECT sha256 FROM retired_secrets WHERE expires_at <= ${now - RETIRED_KEPT_MS} LIMIT ${limit})
      RETURNING expires_at`,
  );
}
