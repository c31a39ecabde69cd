import { type SQL, sql } from 'drizzle-orm';
import { ACCESS_TOKEN_LIFETIME } from '../../auth/access-tokens.ts';
import type { Database } from '../../db/client.ts';
import { type IdempotencyKey, KEY_LIFETIME } from '../../http/requests/idempotency-key.ts';

/** Whose key, and when it is used; milliseconds since 1970. */
export interface KeyUse extends IdempotencyKey {
  readonly partnerId: number;
  readonly now: number;
}

/** What a key has made, or makes now. */
export interface KeptKey {
  readonly fingerprint: string;
  readonly credential_id: string;
  readonly created_at: number;
}

const alive = ({ partnerId, key, now }: KeyUse) =>
  sql`partner_id = ${partnerId} AND key = ${key} AND created_at > ${now - KEY_LIFETIME}`;

/** The condition that the partner has not used the key within its lifetime. */
export function isUnused(use: KeyUse): SQL {
  return sql`NOT EXISTS (SELECT 1 FROM credential_idempotency_keys WHERE ${alive(use)})`;
}

/** Keeps the key with the credential that was just written to `table`, unless it is kept already. */
export function keepKey({ key, fingerprint, partnerId, now }: KeyUse, table: SQL, id: string) {
  return sql<never>`INSERT INTO credential_idempotency_keys (partner_id, key, fingerprint, credential_id, created_at)
    SELECT partner_id, ${key}, ${fingerprint}, id, ${now} FROM ${table}
    WHERE id = ${id} AND partner_id = ${partnerId}
    ON CONFLICT (partner_id, key) DO UPDATE SET fingerprint = excluded.fingerprint,
      credential_id = excluded.credential_id, created_at = excluded.created_at
    WHERE created_at <= ${now - KEY_LIFETIME}`;
}

/** Selects what is kept of a key. */
export function keptKey(use: KeyUse) {
  return sql<KeptKey>`SELECT fingerprint, credential_id, created_at
    FROM credential_idempotency_keys WHERE ${alive(use)}`;
}

/**
 * Milliseconds for which an old secret is kept after it has ended. A token that was issued for it lives
 * no longer, so a report of its leak finds the client for as long as there are tokens to end.
 */
export const RETIRED_KEPT_MS = ACCESS_TOKEN_LIFETIME * 1000;

/** Rows of each table that one batch removes, so that it does not block the database for long. */
const BATCH = 500;
/** Batches in one run; what is left waits for the next. */
const MAX_BATCHES = 40;

/**
 * Removes the idempotency keys past their lifetime and the old secrets that no report of a leak needs
 * any more, of all partners: the one thing that no partner asks for.
 *
 * @param now milliseconds since 1970.
 * @returns how many rows were removed.
 */
export async function removeExpiredKeysAndSecrets(db: Database, now: number): Promise<number> {
  let removed = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const {
      rows: [keys, secrets],
    } = await db.write([
      sql`DELETE FROM credential_idempotency_keys WHERE (partner_id, key) IN (
        SELECT partner_id, key FROM credential_idempotency_keys
        WHERE created_at <= ${now - KEY_LIFETIME} LIMIT ${BATCH}) RETURNING partner_id`,
      sql`DELETE FROM retired_secrets WHERE sha256 IN (
        SELECT sha256 FROM retired_secrets WHERE expires_at <= ${now - RETIRED_KEPT_MS} LIMIT ${BATCH})
        RETURNING expires_at`,
    ]);
    removed += keys.length + secrets.length;
    if (keys.length < BATCH && secrets.length < BATCH) {
      break;
    }
  }
  return removed;
}
