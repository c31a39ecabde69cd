import { sql } from 'drizzle-orm';
import type { Principal } from '../context.ts';
import { ownedSql, partnerPlaceholder } from '../db/owned.ts';
import { compile, type OwnedStatement } from '../db/statements.ts';
import { failUnless } from '../db/write-guard.ts';
import type { Scope } from '../policy.ts';
import { hasNotExpired, isDisabledPartner } from './credentials.repository.ts';

const clientId = sql.placeholder('clientId');
const apiKeyId = sql.placeholder('apiKeyId');
const apiKeySha256 = sql.placeholder('apiKeySha256');
const now = sql.placeholder('now');

const isActive = ownedSql`NOT ${isDisabledPartner(partnerPlaceholder)}`;

const activePartner = compile<never, 'partnerId'>(failUnless(isActive, 'caller-revoked'));

/**
 * The condition that the API key that was sent is valid. It compares the hash, because a rotation can
 * have ended that key.
 */
const isValidKey = ownedSql`EXISTS (SELECT 1 FROM api_keys
  WHERE id = ${apiKeyId} AND partner_id = ${partnerPlaceholder} AND disabled_at IS NULL
    AND ${hasNotExpired(sql`expires_at`, now)}
    AND (sha256 = ${apiKeySha256} OR EXISTS (SELECT 1 FROM retired_secrets
      WHERE sha256 = ${apiKeySha256} AND api_key_id = ${apiKeyId} AND expires_at > ${now})))`;

const isValidClient = ownedSql`EXISTS (SELECT 1 FROM clients
  WHERE id = ${clientId} AND partner_id = ${partnerPlaceholder} AND valid_until > ${now}
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

const validCaller = compile<never, CallerName>(
  failUnless(
    ownedSql`${isActive} AND ${isValidKey} AND (${clientId} IS NULL OR ${isValidClient})`,
    'caller-revoked',
  ),
);

/**
 * Returns the statement that fails unless the partner is active. For an active partner it reads no row.
 */
export function requirePartner({ partnerId }: Principal): OwnedStatement {
  return activePartner({ partnerId });
}

/**
 * Returns the statement that fails unless the credentials of the request are still valid: the partner and
 * the API key and, for a token that this API issued, the client, its scope and the token.
 *
 * @param scope the scope that the operation requires.
 * @param now milliseconds since 1970.
 */
export function requireCaller(
  { partnerId, clientId, apiKeyId, apiKeySha256, tokenIssuedAt }: Principal,
  scope: Scope,
  now: number,
): OwnedStatement {
  return validCaller({
    ...{ partnerId, apiKeyId, apiKeySha256, tokenIssuedAt, scope, now },
    // The client of another issuer can have the same id as a client in this database, so it is not looked up.
    clientId: tokenIssuedAt === null ? null : clientId,
  });
}
