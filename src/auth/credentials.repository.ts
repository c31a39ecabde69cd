import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { type Owned, ownedSql } from '../db/owned.ts';
import type { PartnerId } from '../db/partner-id.ts';
import { compile } from '../db/statements.ts';

/** Stands for "never expires" in comparisons: later than any expiry time, milliseconds since 1970. */
export const NEVER_MS = Number.MAX_SAFE_INTEGER;
const now = sql.placeholder('now');

/** Returns the condition that an expiry time has not passed. A null expiry time means never. */
export const hasNotExpired = (expiresAt: SQL, now: SQLWrapper): SQL =>
  sql`coalesce(${expiresAt}, ${NEVER_MS}) > ${now}`;

/**
 * Returns the condition that the operator has disabled a partner. The index holds disabled partners only, so for an
 * active one it reads no row.
 */
export const isDisabledPartner = (id: SQL): SQL =>
  sql`EXISTS (SELECT 1 FROM partners INDEXED BY partners_disabled
    WHERE id = ${id} AND disabled_at IS NOT NULL)`;

/** The columns of a client that the token endpoint reads. Times are milliseconds since 1970. */
export interface ClientRow {
  readonly partner_id: PartnerId;
  readonly secret_sha256: string;
  /** The SHA-256 of the secret that was sent, if it is a retired secret within its overlap. */
  readonly retired_sha256: string | null;
  /** Space-delimited. */
  readonly scopes: string;
  readonly last_used_at: number | null;
  /** When the client expires; 0 if the client or its partner is disabled. */
  readonly valid_until: number;
  /** Tokens issued before this time are rejected. */
  readonly tokens_from: number;
}

const clientById = compile<ClientRow, 'id' | 'sentSha256' | 'now'>(
  sql`SELECT partner_id, secret_sha256, scopes, last_used_at, tokens_from,
      iif(valid_until <> 0 AND ${isDisabledPartner(sql`clients.partner_id`)}, 0, valid_until) AS valid_until,
      (SELECT sha256 FROM retired_secrets WHERE sha256 = ${sql.placeholder('sentSha256')}
        AND client_id = clients.id AND expires_at > ${now}) AS retired_sha256
    FROM clients WHERE id = ${sql.placeholder('id')}`,
);

/**
 * Looks up a client at the primary, including one that is disabled or expired.
 *
 * @param sentSha256 SHA-256 of the secret that was sent, in hex. Only a retired secret with this hash
 * is read, so a wrong secret costs the same rows however many retired secrets the client has.
 * @param now milliseconds since 1970.
 * @returns undefined if the client does not exist.
 */
export async function findClient(db: Database, id: string, sentSha256: string, now: number) {
  const {
    found: [client],
  } = await db.beforeAuthentication.readPrimary({ found: clientById({ id, sentSha256, now }) });
  return client;
}

/**
 * The minimum time between two writes of `last_used_at`, in milliseconds. The value lags by up to this.
 */
const LAST_USE_PRECISION_MS = 3_600_000;

/** A use of a credential. `lastUsedAt` is the recorded last use, milliseconds since 1970. */
export interface Use {
  readonly partnerId: PartnerId;
  /** One request uses at most one credential of each table. */
  readonly table: 'clients' | 'api_keys';
  readonly id: string;
  readonly lastUsedAt: number | null;
}

/**
 * Returns the statements that record uses, by table. A use that was recorded within the last hour gets
 * no statement.
 *
 * @param now milliseconds since 1970.
 */
export function lastUseStatements(uses: readonly Use[], now: number): Record<string, Owned<never>> {
  const before = now - LAST_USE_PRECISION_MS;
  return Object.fromEntries(
    uses
      .filter(({ lastUsedAt }) => lastUsedAt === null || lastUsedAt <= before)
      .map(({ table, partnerId, id }) => [
        table,
        ownedSql<never>`UPDATE ${sql.identifier(table)} SET last_used_at = ${now}, version = version + 1
          WHERE id = ${id} AND partner_id = ${partnerId} AND coalesce(last_used_at, 0) <= ${before}`,
      ]),
  );
}
