import { type SQL, sql } from 'drizzle-orm';
import type { Database } from './client.ts';
import { removeInBatches } from './removal.ts';

/**
 * Idempotency keys (draft-ietf-httpapi-idempotency-key-header-07). A key is written in the transaction
 * of what it creates, so a repeated request finds either both or neither.
 */

const DAY_MS = 86_400_000;

/**
 * How long the keys of each key space are kept, in milliseconds. The same key in two key spaces is two
 * keys. Clients and API keys share one key space. A migration may be resumed late, so batches keep
 * theirs longer. `attempts` holds the keys that the API itself makes for a batch without one, so that a
 * repeated write finds what its first run did; no write is repeated for as long as a minute.
 */
const KEY_LIFETIMES_MS = {
  tickets: DAY_MS,
  credentials: DAY_MS,
  batches: 30 * DAY_MS,
  attempts: 60_000,
} as const;

type KeySpace = keyof typeof KEY_LIFETIMES_MS;

/** An idempotency key and the request that it was sent with. */
export interface IdempotencyKey {
  readonly key: string;
  /** SHA-256 of the validated request, in hex. */
  readonly fingerprint: string;
}

/** The use of a key by a partner. */
export interface KeyUse extends IdempotencyKey {
  readonly space: KeySpace;
  readonly partnerId: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A JSON text that holds this value. */
type Json<Value> = string & { readonly holds?: Value };

/** A kept key. */
export interface KeptKey<Result> {
  /** The fingerprint of the request that created the result. */
  readonly fingerprint: string;
  readonly result: Json<Result>;
}

const isKept = ({ partnerId, space, key, now }: KeyUse): SQL =>
  sql`partner_id = ${partnerId} AND space = ${space} AND key = ${key} AND expires_at > ${now}`;

/** The condition that the partner has not used the key within its lifetime. */
export function isUnused(use: KeyUse): SQL {
  return sql`NOT EXISTS (SELECT 1 FROM idempotency_keys WHERE ${isKept(use)})`;
}

/**
 * Returns the statement that keeps the key with what was just created, unless the key is kept already
 * or nothing was created.
 *
 * @param created a SELECT of at most one row with the column `result`: JSON of what a replay needs
 * beyond the values of the request.
 */
export function keepKey({ partnerId, space, key, fingerprint, now }: KeyUse, created: SQL) {
  const expiresAt = now + KEY_LIFETIMES_MS[space];
  return sql<never>`INSERT INTO idempotency_keys (partner_id, space, key, fingerprint, result, expires_at)
    SELECT ${partnerId}, ${space}, ${key}, ${fingerprint}, result, ${expiresAt} FROM (${created})
    WHERE true
    ON CONFLICT (partner_id, space, key) DO UPDATE SET fingerprint = excluded.fingerprint,
      result = excluded.result, expires_at = excluded.expires_at
    WHERE expires_at <= ${now}`;
}

/** Returns the statement that selects a key if it is kept. */
export function keptKey<Result>(use: KeyUse) {
  return sql<KeptKey<Result>>`SELECT fingerprint, result FROM idempotency_keys
    WHERE ${isKept(use)}`;
}

/** Returns what a replay needs beyond the values of its request. */
export function resultOf<Result>({ result }: KeptKey<Result>): Result {
  return JSON.parse(result);
}

/**
 * Removes the keys of all partners that are past their lifetime.
 *
 * @param now milliseconds since 1970.
 * @returns how many keys were removed.
 */
export function removeExpiredKeys(db: Database, now: number): Promise<number> {
  return removeInBatches(
    db,
    (limit) => sql`DELETE FROM idempotency_keys WHERE (partner_id, space, key) IN (
      SELECT partner_id, space, key FROM idempotency_keys WHERE expires_at <= ${now} LIMIT ${limit})
      RETURNING partner_id`,
  );
}
