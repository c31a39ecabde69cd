import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { type Owned, ownedSql } from '../db/owned.ts';
import type { NamesPartner, PartnerId } from '../db/partner-id.ts';
import { compile } from '../db/statements.ts';

/** Stands for "never expires" in comparisons: later than any expiry time, milliseconds since 1970. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;
const now = sql.placeholder('now');

/** Returns the condition that an expiry time has not passed. A null expiry time means never. */
export const hasNotExpired = (expiresAt: SQL, now: SQLWrapper): SQL =>
  sql`coalesce(${expiresAt}, ${NEVER_MS}) > ${now}`;

/**
 * Selects a partner if it is disabled. The index holds disabled partners only, so an active one costs
 * no row read.
 */
const disabledPartner = (id: SQLWrapper): SQL =>
  sql`FROM partners INDEXED BY partners_disabled WHERE id = ${id} AND disabled_at IS NOT NULL`;

/** Returns the condition that the operator has disabled a partner. */
export function isDisabledPartner(id: SQLWrapper & NamesPartner): Owned;
export function isDisabledPartner(id: SQLWrapper): SQL;
export function isDisabledPartner(id: SQLWrapper): SQL {
  return sql`EXISTS (SELECT 1 ${disabledPartner(id)})`;
}

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
 * Looks up a client in a session that began at the primary, including one that is disabled or expired.
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
 * The API key and client to look up. The client is looked up only if the API key belongs to
 * `partnerId`, so a partner mismatch costs a single row.
 */
export interface CredentialPair {
  readonly keySha256: string;
  /** Null for a token of another issuer, whose clients are not in this database. */
  readonly clientId: string | null;
  readonly partnerId: PartnerId;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A valid API key and, if it is valid too, the client of the same partner. */
export interface FoundCredentials {
  readonly partner_id: PartnerId;
  readonly api_key_id: string;
  readonly api_key_last_used_at: number | null;
  readonly client_id: string | null;
  readonly client_last_used_at: number | null;
  /** Space-delimited; null if there is no valid client. */
  readonly scopes: string | null;
  /** Tokens issued before this time are rejected; null if there is no valid client. */
  readonly tokens_from: number | null;
  /** When the first of the two expires, milliseconds since 1970. */
  readonly valid_until: number;
}

const sha256 = sql.placeholder('keySha256');
const retiredKey = sql`(SELECT api_key_id FROM retired_secrets
  WHERE sha256 = ${sha256} AND expires_at > ${now})`;

/** A row of nulls says that the partner or the client of the token is disabled. */
type CredentialRow = FoundCredentials | { readonly partner_id: null };

const clientId = sql.placeholder('clientId');

/** Selects null for each column of `FoundCredentials`. */
const nullRow = sql`SELECT NULL AS partner_id, NULL AS api_key_id, NULL AS api_key_last_used_at,
  NULL AS client_id, NULL AS client_last_used_at, NULL AS scopes, NULL AS tokens_from,
  NULL AS valid_until`;

/**
 * Checks first whether the client or partner is disabled, by equality on an index, which reads a row
 * only if one matches. The unary plus in `+c.valid_until` keeps that column out of the index lookup of
 * the client, because a range condition would read one more row.
 */
const credentialPair = compile<CredentialRow, keyof CredentialPair>(
  sql`${nullRow} FROM clients INDEXED BY clients_valid WHERE id = ${clientId} AND valid_until = 0
    UNION ALL ${nullRow} ${disabledPartner(sql.placeholder('partnerId'))}
    UNION ALL
    SELECT k.partner_id, k.id, k.last_used_at, c.id, c.last_used_at, c.scopes, c.tokens_from,
      min(coalesce(k.expires_at, ${NEVER_MS}), coalesce(c.valid_until, ${NEVER_MS}),
        coalesce((SELECT expires_at FROM retired_secrets WHERE sha256 = ${sha256}), ${NEVER_MS}))
    FROM api_keys AS k LEFT JOIN clients AS c
      ON c.id = iif(k.partner_id = ${sql.placeholder('partnerId')}, ${clientId}, NULL)
      AND +c.valid_until > ${now} AND c.partner_id = k.partner_id
    WHERE (k.sha256 = ${sha256} OR k.id = ${retiredKey})
      AND k.disabled_at IS NULL AND ${hasNotExpired(sql`k.expires_at`, now)}
    LIMIT 1`,
);

/**
 * Looks up an API key in a session that began at the primary and, if it belongs to the partner of the access
 * token, the client of the token.
 *
 * @returns undefined if the API key is unknown, disabled or expired; `disabled` if the client or the
 * partner of the token is disabled, regardless of the API key.
 */
export async function findCredentials(
  db: Database,
  pair: CredentialPair,
): Promise<FoundCredentials | 'disabled' | undefined> {
  const {
    found: [found],
  } = await db.beforeAuthentication.readPrimary({ found: credentialPair({ ...pair }) });
  return found?.partner_id === null ? 'disabled' : found;
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
