import { sql } from 'drizzle-orm';
import type { Principal } from '../context.ts';
import { type CompiledStatement, compile } from '../db/client.ts';
import { requiring } from '../db/write-guard.ts';
import { hasNotEnded, isDisabledPartner } from './credentials.repository.ts';
import type { Scope } from './scopes.ts';

const partnerId = sql.placeholder('partnerId');
const clientId = sql.placeholder('clientId');
const apiKeyId = sql.placeholder('apiKeyId');
const apiKeySha256 = sql.placeholder('apiKeySha256');
const now = sql.placeholder('now');

const isActive = sql`NOT ${isDisabledPartner(partnerId)}`;

const activePartner = compile<never, 'partnerId'>(requiring(isActive));

/** The key, by the very secret that was sent: one that a rotation has ended since is refused too. */
const isGoodKey = sql`EXISTS (SELECT 1 FROM api_keys
  WHERE id = ${apiKeyId} AND partner_id = ${partnerId} AND disabled_at IS NULL
    AND ${hasNotEnded(sql`expires_at`, now)}
    AND (sha256 = ${apiKeySha256} OR EXISTS (SELECT 1 FROM retired_secrets
      WHERE sha256 = ${apiKeySha256} AND api_key_id = ${apiKeyId} AND expires_at > ${now})))`;

const isGoodClient = sql`EXISTS (SELECT 1 FROM clients
  WHERE id = ${clientId} AND partner_id = ${partnerId} AND valid_until > ${now}
    AND tokens_from <= ${sql.placeholder('tokenIssuedAt')}
    AND instr(' ' || scopes || ' ', ' ' || ${sql.placeholder('scope')} || ' ') > 0)`;

type CallerName =
  | 'partnerId'
  | 'clientId'
  | 'apiKeyId'
  | 'apiKeySha256'
  | 'tokenIssuedAt'
  | 'scope'
  | 'now';

const goodCaller = compile<never, CallerName>(
  requiring(sql`${isActive} AND ${isGoodKey} AND (${clientId} IS NULL OR ${isGoodClient})`),
);

/** Returns the guard statement that a partner is active. It reads no row for one that is. */
export function requirePartner({ partnerId }: Principal): CompiledStatement<never> {
  return activePartner({ partnerId });
}

/**
 * Returns the guard statement that all is still good that a request was authenticated with: partner,
 * API key and, unless the token is of another issuer, the client with its scope and its token.
 *
 * @param scope the scope that the operation requires.
 * @param now milliseconds since 1970.
 */
export function requireCaller(
  { partnerId, clientId, apiKeyId, apiKeySha256, tokenIssuedAt }: Principal,
  scope: Scope,
  now: number,
): CompiledStatement<never> {
  return goodCaller({
    ...{ partnerId, apiKeyId, apiKeySha256, tokenIssuedAt, scope, now },
    // Clients of another issuer are none of ours, whatever they are called.
    clientId: tokenIssuedAt === null ? null : clientId,
  });
}
