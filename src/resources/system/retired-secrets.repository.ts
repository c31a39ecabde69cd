import { sql } from 'drizzle-orm';
import { ACCESS_TOKEN_LIFETIME_S } from '../../auth/access-tokens.ts';
import type { Database } from '../../db/client.ts';
import { removeInBatches } from '../../db/removal.ts';

/**
 * How long a retired secret is stored after it expired, in milliseconds. It is the lifetime of an access
 * token: as long as a token that was requested with the secret can be valid, a report that the secret
 * leaked must find the client to revoke the token.
 */
export const RETIRED_SECRET_RETENTION_MS = ACCESS_TOKEN_LIFETIME_S * 1000;

/**
 * Deletes the retired secrets of all partners whose retention has ended.
 *
 * @param now milliseconds since 1970.
 * @returns the number of deleted secrets.
 */
export function removeRetiredSecrets(db: Database, now: number): Promise<number> {
  return removeInBatches(
    db,
    (limit) => sql`DELETE FROM retired_secrets WHERE sha256 IN (
      SELECT sha256 FROM retired_secrets WHERE expires_at <= ${now - RETIRED_SECRET_RETENTION_MS} LIMIT ${limit})
      RETURNING expires_at`,
  );
}
