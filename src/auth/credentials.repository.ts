import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { compile } from '../db/statements.ts';

/** Later than every time that a credential can end at. */
const NEVER = Number.MAX_SAFE_INTEGER;
const now = sql.placeholder('now');

/** The condition that a time of ending, null for never, has not passed. */
export const hasNotEnded = (end: SQL, now: SQLWrapper): SQL =>
  sql`coalesce(${end}, ${NEVER}) > ${now}`;

/** Finds a partner only if it is disabled. The index holds no other, so an active one costs no row. */
const disabledPartner = (id: SQLWrapper): SQL =>
  sql`FROM partners INDEXED BY partners_disabled WHERE id = ${id} AND disabled_at IS NOT NULL`;

/** The condition that the operator has disabled a partner. */
export const isDisabledPartner = (id: SQLWrapper): SQL =>
  sql`EXISTS (SELECT 1 ${disabledPartner(id)})`;

/** A client as the token endpoint needs it. Times are milliseconds since 1970. */
export interface ClientRow {
  readonly partner_id: number;
  readonly secret_sha256: string;
  /** The same of the secret that was sent, if a rotation left it valid until now. */
  readonly retired_sha256: string | null;
  /** Space-delimited. */
  readonly scopes: string;
  readonly last_used_at: number | null;
  /** When the client ends; 0 for one that is disabled, or whose partner is. */
  readonly valid_until: number;
  /** Tokens that were issued earlier are refused. */
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
 * The client, whether it is good now or not; undefined for an unknown one.
 *
 * @param sentSha256 of the secret that was sent, in hex: of the old ones only that is read, so that a
 * guess costs no more rows where there are some.
 */
export async function findClient(db: Database, id: string, sentSha256: string, now: number) {
  const {
    found: [client],
  } = await db.readPrimary({ found: clientById({ id, sentSha256, now }) });
  return client;
}

/** Whether the token's client still exists is asked only for its own partner: one row for a mismatch. */
export interface CredentialPair {
  readonly keySha256: string;
  /** Null for the token of another issuer, whose clients we do not know. */
  readonly clientId: string | null;
  readonly partnerId: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** An API key that is good now, and the client of the same partner, if that is good too. */
export interface FoundCredentials {
  readonly partner_id: number;
  readonly api_key_id: string;
  readonly api_key_last_used_at: number | null;
  readonly client_id: string | null;
  readonly client_last_used_at: number | null;
  /** Space-delimited; null without the client. */
  readonly scopes: string | null;
  /** Tokens that the client was given earlier are refused; null without the client. */
  readonly tokens_from: number | null;
  /** When the first of them ends, milliseconds since 1970. */
  readonly valid_until: number;
}

const sha256 = sql.placeholder('keySha256');
const retiredKey = sql`(SELECT api_key_id FROM retired_secrets
  WHERE sha256 = ${sha256} AND expires_at > ${now})`;

/** What tells that the token's partner or client is disabled: the answer then has no other value. */
type CredentialAnswer = FoundCredentials | { readonly partner_id: null };

const clientId = sql.placeholder('clientId');

/** A row without a value, for each column of `FoundCredentials`. */
const nothing = sql`SELECT NULL AS partner_id, NULL AS api_key_id, NULL AS api_key_last_used_at,
  NULL AS client_id, NULL AS client_last_used_at, NULL AS scopes, NULL AS tokens_from,
  NULL AS valid_until`;

/**
 * What is disabled is looked for first, by equality, which reads a row only where there is one. The
 * sign keeps the end out of the index that the client is found by, for a range reads a row more.
 */
const credentialPair = compile<CredentialAnswer, keyof CredentialPair>(
  sql`${nothing} FROM clients INDEXED BY clients_valid WHERE id = ${clientId} AND valid_until = 0
    UNION ALL ${nothing} ${disabledPartner(sql.placeholder('partnerId'))}
    UNION ALL
    SELECT k.partner_id, k.id, k.last_used_at, c.id, c.last_used_at, c.scopes, c.tokens_from,
      min(coalesce(k.expires_at, ${NEVER}), coalesce(c.valid_until, ${NEVER}),
        coalesce((SELECT expires_at FROM retired_secrets WHERE sha256 = ${sha256}), ${NEVER}))
    FROM api_keys AS k LEFT JOIN clients AS c
      ON c.id = iif(k.partner_id = ${sql.placeholder('partnerId')}, ${clientId}, NULL)
      AND +c.valid_until > ${now} AND c.partner_id = k.partner_id
    WHERE (k.sha256 = ${sha256} OR k.id = ${retiredKey})
      AND k.disabled_at IS NULL AND ${hasNotEnded(sql`k.expires_at`, now)}
    LIMIT 1`,
);

/**
 * Looks up an API key and, when it is of the same partner as the access token, the token's client.
 *
 * @returns undefined for a key that is unknown, disabled or expired; `disabled` when the token's client
 * or its partner is, whatever the key is.
 */
export async function findCredentials(
  db: Database,
  pair: CredentialPair,
): Promise<FoundCredentials | 'disabled' | undefined> {
  const {
    found: [found],
  } = await db.readPrimary({ found: credentialPair({ ...pair }) });
  return found?.partner_id === null ? 'disabled' : found;
}

/** How far a time of last use may lag behind, in milliseconds: it is written no more often than this. */
const LAST_USE_PRECISION_MS = 3_600_000;

/** The use of a credential, with the last use that is known so far. */
export interface Use {
  /** One request uses at most one credential of each table. */
  readonly table: 'clients' | 'api_keys';
  readonly id: string;
  readonly lastUsedAt: number | null;
}

/** Returns the statements that note uses now, by table; none for what was noted within the hour. */
export function lastUseStatements(uses: readonly Use[], now: number): Record<string, SQL<never>> {
  const before = now - LAST_USE_PRECISION_MS;
  return Object.fromEntries(
    uses
      .filter(({ lastUsedAt }) => lastUsedAt === null || lastUsedAt <= before)
      .map(({ table, id }) => [
        table,
        sql<never>`UPDATE ${sql.identifier(table)} SET last_used_at = ${now}, version = version + 1
          WHERE id = ${id} AND coalesce(last_used_at, 0) <= ${before}`,
      ]),
  );
}
