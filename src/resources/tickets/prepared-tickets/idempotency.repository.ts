import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { KEY_LIFETIME } from '../../../http/requests/idempotency-key.ts';

/** What a key has made, or makes now. */
export interface KeptKey {
  readonly fingerprint: string;
  readonly ticket_id: string;
  readonly ticket_number: number;
  readonly created_at: number;
}

/** Whose key, and when it is used; milliseconds since 1970. */
export interface KeyUse {
  readonly partnerId: number;
  readonly key: string;
  readonly now: number;
}

/** The condition that the partner has not used the key within its lifetime. */
export function isUnused({ partnerId, key, now }: KeyUse): SQL {
  return sql`NOT EXISTS (SELECT 1 FROM idempotency_keys
    WHERE partner_id = ${partnerId} AND key = ${key} AND created_at > ${now - KEY_LIFETIME})`;
}

/** Keeps the key with the ticket that was just written, unless it is kept already. */
export function keepKey(
  { partnerId, key, now }: KeyUse,
  fingerprint: string,
  ticketId: string,
): SQL {
  return sql`INSERT INTO idempotency_keys (partner_id, key, fingerprint, ticket_id, ticket_number, created_at)
    SELECT partner_id, ${key}, ${fingerprint}, id, ticket_number, created_at
    FROM prepared_tickets WHERE id = ${ticketId} AND partner_id = ${partnerId}
    ON CONFLICT (partner_id, key) DO UPDATE SET fingerprint = excluded.fingerprint,
      ticket_id = excluded.ticket_id, ticket_number = excluded.ticket_number, created_at = excluded.created_at
    WHERE idempotency_keys.created_at <= ${now - KEY_LIFETIME}`;
}

/** Selects what is kept of a key. */
export function keptKey({ partnerId, key }: KeyUse) {
  return sql<KeptKey>`SELECT fingerprint, ticket_id, ticket_number, created_at FROM idempotency_keys
    WHERE partner_id = ${partnerId} AND key = ${key}`;
}

/** Keys that one statement removes, so that it does not block the database for long. */
const BATCH = 500;
/** Statements in one run; what is left waits for the next. */
const MAX_BATCHES = 40;

/**
 * Removes keys that are past their lifetime, of all partners: the one thing that no partner asks for.
 *
 * @param now milliseconds since 1970.
 * @returns how many were removed.
 */
export async function removeExpiredKeys(db: Database, now: number): Promise<number> {
  let removed = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const { rows } = await db.write([
      sql`DELETE FROM idempotency_keys WHERE (partner_id, key) IN (
        SELECT partner_id, key FROM idempotency_keys
        WHERE created_at <= ${now - KEY_LIFETIME} LIMIT ${BATCH})
        RETURNING key`,
    ]);
    removed += rows[0].length;
    if (rows[0].length < BATCH) {
      break;
    }
  }
  return removed;
}
