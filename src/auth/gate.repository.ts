import { type SQL, sql } from 'drizzle-orm';
import type { GateReason } from '../db/errors.ts';
import { ownedSql, partnerPlaceholder } from '../db/owned.ts';
import type { PartnerId } from '../db/partner-id.ts';
import { compile } from '../db/statements.ts';
import type { Scope } from '../policy.ts';
import { hasNotExpired, isDisabledPartner, NEVER_MS } from './credentials.repository.ts';

/** What a request says about its caller, and the scope that its operation requires. */
export interface ClaimedCaller {
  readonly partnerId: PartnerId;
  /** Null for a token of another issuer, whose clients are not in this database. */
  readonly clientId: string | null;
  /** SHA-256 of the API key that was sent, in hex. */
  readonly apiKeySha256: string;
  /** Milliseconds since 1970, in whole seconds. */
  readonly tokenIssuedAt: number;
  /** Null if the operation requires none. */
  readonly scope: Scope | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What the gate tells of a caller who may make the request. The members of the client are null for another issuer. */
export interface ConfirmedCaller {
  readonly api_key_id: string;
  readonly api_key_last_used_at: number | null;
  readonly client_last_used_at: number | null;
  /** The current scopes of the client, space-delimited. */
  readonly scopes: string | null;
  /** Tokens issued before this time are rejected. */
  readonly tokens_from: number | null;
  /** When the first of the credentials expires, milliseconds since 1970. */
  readonly valid_until: number;
}

/** The values of the request as a table of one row, so that each of them is bound once. */
const caller = ownedSql`(SELECT ${partnerPlaceholder} AS partner_id, ${sql.placeholder('clientId')} AS client_id,
  ${sql.placeholder('apiKeySha256')} AS sha256, ${sql.placeholder('tokenIssuedAt')} AS token_issued_at,
  ${sql.placeholder('scope')} AS scope, ${sql.placeholder('now')} AS now)`;

/** The current hash of the API key that was sent, which is another one during the overlap of a rotation. */
const currentKey = sql`coalesce((SELECT rotated.sha256 FROM retired_secrets AS retired
  JOIN api_keys AS rotated ON rotated.id = retired.api_key_id
  WHERE retired.sha256 = caller.sha256 AND retired.expires_at > caller.now), caller.sha256)`;

/** When the API key that was sent ends because of a rotation. */
const overlapEnd = sql`iif(k.sha256 = caller.sha256, ${NEVER_MS},
  (SELECT expires_at FROM retired_secrets WHERE sha256 = caller.sha256))`;

/** When the gate is closed, and why. The first condition that holds gives the reason. */
const refusals: readonly (readonly [condition: SQL, reason: GateReason])[] = [
  [sql`c.valid_until = 0 OR ${isDisabledPartner(sql`caller.partner_id`)}`, 'client-invalid'],
  [sql`k.id IS NULL`, 'api-key-invalid'],
  [sql`k.partner_id <> caller.partner_id`, 'partner-mismatch'],
  [
    sql`caller.client_id IS NOT NULL
      AND (c.id IS NULL OR c.partner_id <> caller.partner_id OR c.valid_until <= caller.now)`,
    'client-invalid',
  ],
  [sql`c.tokens_from > caller.token_issued_at`, 'token-revoked'],
  [sql`instr(' ' || c.scopes || ' ', ' ' || caller.scope || ' ') = 0`, 'scope-missing'],
];

const reason = sql.join(
  refusals.map(([condition, path]) => sql`WHEN ${condition} THEN ${sql.raw(`'${path}'`)}`),
  sql` `,
);

/**
 * Builds the statement of the gate. For a caller who may make the request, it reads the row of the API key and that of
 * the client. Otherwise it evaluates a JSON path that is malformed and names the reason, as `failUnless` does.
 */
export const callerGate = compile<ConfirmedCaller, keyof ClaimedCaller>(
  ownedSql<ConfirmedCaller>`SELECT json_extract('{}', CASE ${reason} ELSE '$' END) AS gate,
      k.id AS api_key_id, k.last_used_at AS api_key_last_used_at, c.last_used_at AS client_last_used_at,
      c.scopes, c.tokens_from,
      min(coalesce(k.expires_at, ${NEVER_MS}), coalesce(c.valid_until, ${NEVER_MS}), ${overlapEnd}) AS valid_until
    FROM ${caller} AS caller
    LEFT JOIN api_keys AS k ON k.sha256 = ${currentKey} AND k.disabled_at IS NULL
      AND ${hasNotExpired(sql`k.expires_at`, sql`caller.now`)}
    LEFT JOIN clients AS c ON c.id = caller.client_id`,
);
