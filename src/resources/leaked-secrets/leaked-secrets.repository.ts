import { type SQL, sql } from 'drizzle-orm';
import { tokensFromAfter } from '../../auth/access-tokens.ts';
import type { Database } from '../../db/client.ts';
import {
  apiKey,
  type CredentialKind,
  client,
  disableStatements,
} from '../system/credentials.repository.ts';
import { recordOperation } from '../system/owned.repository.ts';
import { type StoredSecret, tableOf } from '../system/owned-kind.repository.ts';
import {
  findLeakedCurrent,
  type LeakedWebhookSecret,
  type Replacement,
  replaceWebhookSecrets,
  revokeRetiredWebhookSecrets,
} from './leaked-webhook-secrets.repository.ts';

/** A leaked secret and what it belonged to: a client, an API key or a webhook endpoint. The other ids are null. */
export interface LeakedSecret {
  /** SHA-256, in hex. */
  readonly sha256: string;
  readonly partner_id: number;
  readonly client_id: string | null;
  readonly api_key_id: string | null;
  readonly webhook_endpoint_id: string | null;
}

/** SQL for a random digest, which is the digest of no known secret. */
const unknownDigest = sql`lower(hex(randomblob(32)))`;

/**
 * Returns the statements that disable the owners of leaked current secrets and move the secrets to
 * `leaked_secrets`. The owner gets a digest whose secret is unknown, so that the leaked secret stays
 * invalid after the owner is re-enabled.
 */
function revokeCurrent(kind: CredentialKind, digests: SQL, now: number) {
  const secret = sql.identifier(kind.secret);
  const hasLeaked = sql`${secret} IN ${digests}`;
  const { record, capRetiredExpiry, change } = disableStatements(kind, hasLeaked, now);
  return {
    record,
    capRetiredExpiry,
    disable: change,
    keep: sql<never>`INSERT INTO leaked_secrets (sha256, ${sql.identifier(kind.owner)}, leaked_at)
      SELECT ${secret}, id, ${now} FROM ${tableOf(kind)} WHERE ${hasLeaked}`,
    replace: sql<never>`UPDATE ${tableOf(kind)} SET ${secret} = ${unknownDigest} WHERE ${hasLeaked}`,
  };
}

/**
 * Returns the statements that move leaked retired secrets to `leaked_secrets` and revoke all tokens of
 * their clients. A token does not record with which secret it was requested, so none of the client's
 * tokens can be spared. The client has to request new ones with its current secret.
 */
function revokeRetired(digests: SQL, now: number) {
  const ofLeaked = sql`id IN (SELECT client_id FROM retired_secrets WHERE sha256 IN ${digests})`;
  return {
    recordRevocation: recordOperation(client, 'updated', ofLeaked, now),
    revokeTokens: sql<never>`UPDATE clients SET version = version + 1,
        tokens_from = max(tokens_from, ${tokensFromAfter(now)})
      WHERE ${ofLeaked}`,
    keepRetired: sql<never>`INSERT INTO leaked_secrets (sha256, client_id, api_key_id, leaked_at)
      SELECT sha256, client_id, api_key_id, ${now} FROM retired_secrets WHERE sha256 IN ${digests}`,
    deleteRetired: sql<never>`DELETE FROM retired_secrets WHERE sha256 IN ${digests}`,
  };
}

/** Returns the statement that finds the leaked secrets that belong to a partner, once they are in `leaked_secrets`. */
const findLeaked = (digests: SQL) =>
  sql<LeakedSecret>`SELECT l.sha256, coalesce(c.partner_id, k.partner_id, e.partner_id) AS partner_id,
      l.client_id, l.api_key_id, l.webhook_endpoint_id
    FROM leaked_secrets AS l LEFT JOIN clients AS c ON c.id = l.client_id
      LEFT JOIN api_keys AS k ON k.id = l.api_key_id
      LEFT JOIN webhook_endpoints AS e ON e.id = l.webhook_endpoint_id
    WHERE l.sha256 IN ${digests}
    ORDER BY l.client_id, l.api_key_id, l.webhook_endpoint_id, l.sha256`;

/** Returns the statement that finds whether one of the secrets is in use, or retired: then it is to be revoked. */
const findUsed = (digests: SQL) =>
  sql`SELECT 1 FROM clients WHERE ${sql.identifier(client.secret)} IN ${digests}
    UNION ALL SELECT 1 FROM api_keys WHERE ${sql.identifier(apiKey.secret)} IN ${digests}
    UNION ALL SELECT 1 FROM retired_secrets WHERE sha256 IN ${digests}
    UNION ALL SELECT 1 FROM webhook_endpoints WHERE retired_sha256 IN ${digests} LIMIT 1`;

/**
 * Revokes secrets that have become public. If a secret is the current one of a client or an API key, the
 * client or key is disabled. If it is a retired secret, it is revoked together with all tokens of its
 * client, and the client or key stays enabled. The current secret of a webhook endpoint is replaced by one that nobody
 * knows, and a retired one ends; the endpoint stays enabled.
 *
 * @param sha256s the SHA-256 digests of the secrets, in hex.
 * @param now milliseconds since 1970.
 * @param newWebhookSecretOf returns a new secret for the webhook endpoint with an id.
 * @returns the secrets that belong to a partner, including those that were reported before.
 */
export async function revokeLeakedSecrets(
  db: Database,
  sha256s: readonly string[],
  now: number,
  newWebhookSecretOf: (endpointId: string) => Promise<StoredSecret>,
): Promise<readonly LeakedSecret[]> {
  // The digests are bound as one JSON array, because D1 allows at most 100 bound parameters in a query.
  const digests = sql`(SELECT value FROM json_each(${JSON.stringify(sha256s)}))`;
  const all = db.ofAllPartners;
  // Most homes have none of the secrets, and an invocation could not make the queries below in each of them.
  const found = await all.readPrimary({
    used: findUsed(digests),
    current: findLeakedCurrent(digests),
    leaked: findLeaked(digests),
  });
  if (found.used.length === 0 && found.current.length === 0) {
    return found.leaked;
  }
  // A new secret is sealed for its endpoint, so the endpoint must be known before the write that replaces the old one.
  const replacement = async (one: LeakedWebhookSecret): Promise<Replacement> => ({
    ...one,
    by: await newWebhookSecretOf(one.id),
  });
  const replacements = await Promise.all(found.current.map(replacement));
  const ofKey = revokeCurrent(apiKey, digests, now);
  const ofClient = revokeCurrent(client, digests, now);
  const { rows } = await all.write({
    recordKeys: ofKey.record,
    endRetiredKeys: ofKey.capRetiredExpiry,
    disableKeys: ofKey.disable,
    keepKeys: ofKey.keep,
    replaceKeys: ofKey.replace,
    recordClients: ofClient.record,
    endRetiredSecrets: ofClient.capRetiredExpiry,
    disableClients: ofClient.disable,
    keepClients: ofClient.keep,
    replaceClients: ofClient.replace,
    ...revokeRetired(digests, now),
    ...revokeRetiredWebhookSecrets(digests, now),
    ...(replacements.length === 0 ? {} : replaceWebhookSecrets(replacements, now)),
    leaked: findLeaked(digests),
  });
  return rows.leaked;
}
