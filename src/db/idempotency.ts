import { type SQL, sql } from 'drizzle-orm';
import type { Database } from './client.ts';
import { type Owned, ownedSql } from './owned.ts';
import type { PartnerId } from './partner-id.ts';
import { removeInBatches, type Steps } from './removal.ts';

/**
 * Stores idempotency keys (draft-ietf-httpapi-idempotency-key-header-07). A key is written in the same
 * transaction as the resource, so a repeated request finds either both or neither.
 */

const DAY_MS = 86_400_000;

/**
 * The lifetime of the keys in each key space, in milliseconds. Key spaces are independent: the same key
 * can be used once in each. Clients and API keys share one key space. A migration may be resumed late, so the
 * keys of batches live longer. `attempts` holds keys that the API creates itself for a batch without a key and for a
 * sync, so that a repeated write finds what its first run did; no write is repeated for as long as a minute.
 */
const KEY_LIFETIMES_MS = {
  tickets: DAY_MS,
  credentials: DAY_MS,
  'webhook-endpoints': DAY_MS,
  batches: 30 * DAY_MS,
  attempts: 60_000,
} as const;

type KeySpace = keyof typeof KEY_LIFETIMES_MS;

/** An idempotency key and the fingerprint of the request that it was sent with. */
export interface IdempotencyKey {
  readonly key: string;
  /** SHA-256 of the validated request, in hex. */
  readonly fingerprint: string;
}

/** An idempotency key that a partner sends now. */
export interface KeyUse extends IdempotencyKey {
  readonly space: KeySpace;
  readonly partnerId: PartnerId;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A JSON text that encodes a value of this type. */
type Json<Value> = string & { readonly holds?: Value };

/** A stored key that is within its lifetime. */
export interface KeptKey<Result> {
  /** The fingerprint of the request that created the result. */
  readonly fingerprint: string;
  readonly result: Json<Result>;
}

const isKept = ({ partnerId, space, key, now }: KeyUse): Owned =>
  ownedSql`partner_id = ${partnerId} AND space = ${space} AND key = ${key} AND expires_at > ${now}`;

/** Returns the condition that the partner has not used the key within its lifetime. */
export function isUnused(use: KeyUse): Owned {
  return ownedSql`NOT EXISTS (SELECT 1 FROM idempotency_keys WHERE ${isKept(use)})`;
}

/**
 * Returns the statement that stores the key with the result of the request. It stores nothing if the key
 * is stored already or nothing was created.
 *
 * @param created a SELECT of at most one row with the column `result`: the JSON that a replay needs in
 * addition to the values of the request.
 */
export function keepKey({ partnerId, space, key, fingerprint, now }: KeyUse, created: SQL) {
  const expiresAt = now + KEY_LIFETIMES_MS[space];
  return ownedSql<never>`INSERT INTO idempotency_keys (partner_id, space, key, fingerprint, result, expires_at)
    SELECT ${partnerId}, ${space}, ${key}, ${fingerprint}, result, ${expiresAt} FROM (${created})
    WHERE true
    ON CONFLICT (partner_id, space, key) DO UPDATE SET fingerprint = excluded.fingerprint,
      result = excluded.result, expires_at = excluded.expires_at
    WHERE expires_at <= ${now}`;
}

/** Returns the statement that selects a stored key within its lifetime. */
export function keptKey<Result>(use: KeyUse) {
  return ownedSql<KeptKey<Result>>`SELECT fingerprint, result FROM idempotency_keys
    WHERE ${isKept(use)}`;
}

/** Returns the result of a stored key within its lifetime, as a scalar; NULL if there is none. */
export const keptResult = (use: KeyUse): Owned =>
  ownedSql`(SELECT result FROM idempotency_keys WHERE ${isKept(use)})`;

/**
 * Returns the statement that replaces the result of a stored key.
 *
 * @param result an SQL expression for the new result, of the row.
 * @param condition whether to replace it, for the row.
 */
export function replaceResult(use: KeyUse, result: SQL, condition: SQL) {
  return ownedSql<never>`UPDATE idempotency_keys SET result = ${result} WHERE ${isKept(use)} AND ${condition}`;
}

/** Returns what a replay needs in addition to the values of its request. */
export function resultOf<Result>({ result }: KeptKey<Result>): Result {
  return JSON.parse(result);
}

/**
 * Removes the expired keys of all partners, those first that expired first.
 *
 * @param now milliseconds since 1970.
 */
export function removeExpiredKeys(db: Database, now: number): Steps {
  const batch = (
    limit: number,
  ) => sql`DELETE FROM idempotency_keys WHERE (partner_id, space, key) IN (
    SELECT partner_id, space, key FROM idempotency_keys WHERE expires_at <= ${now}
    ORDER BY expires_at LIMIT ${limit}) RETURNING partner_id`;
  return removeInBatches(db.ofAllPartners, [{ batch }]);
}
