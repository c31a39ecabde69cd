import { type SQL, sql } from 'drizzle-orm';
import { tokensFromAfter } from '../../auth/access-tokens.ts';
import type { Database } from '../../db/client.ts';
import {
  apiKey,
  type CredentialKind,
  client,
  tableOf,
} from '../system/credential-kinds.repository.ts';
import { disableStatements } from '../system/disabling.repository.ts';

/** A leaked secret and the credential that it belonged to. */
export interface LeakedSecret {
  /** SHA-256, in hex. */
  readonly sha256: string;
  readonly partner_id: number;
  /** Null for an API key. */
  readonly client_id: string | null;
  /** Null for a client. */
  readonly api_key_id: string | null;
}

/** The digest of a random text that nobody has. */
const unknownDigest = sql`lower(hex(randomblob(32)))`;

/**
 * Returns the statements that disable the owners of leaked present secrets and move the secrets to
 * `leaked_secrets`. The owner is left with a secret that nobody knows, so that enabling it does not
 * bring the leaked one back.
 */
function endPresent(kind: CredentialKind, digests: SQL, now: number) {
  const secret = sql.identifier(kind.secret);
  const hasLeaked = sql`${secret} IN ${digests}`;
  const { endRetired, change } = disableStatements(kind, hasLeaked, now);
  return {
    endRetired,
    disable: change,
    keep: sql<never>`INSERT INTO leaked_secrets (sha256, ${sql.identifier(kind.owner)}, leaked_at)
      SELECT ${secret}, id, ${now} FROM ${tableOf(kind)} WHERE ${hasLeaked}`,
    replace: sql<never>`UPDATE ${tableOf(kind)} SET ${secret} = ${unknownDigest} WHERE ${hasLeaked}`,
  };
}

/**
 * Returns the statements that move leaked retired secrets to `leaked_secrets` and revoke all tokens of
 * their clients. A token does not state which secret it was issued for, so the client has to request
 * new ones with its new secret.
 */
function endReplaced(digests: SQL, now: number) {
  return {
    revokeTokens: sql<never>`UPDATE clients SET tokens_from = max(tokens_from, ${tokensFromAfter(now)})
      WHERE id IN (SELECT client_id FROM retired_secrets WHERE sha256 IN ${digests})`,
    keepRetired: sql<never>`INSERT INTO leaked_secrets (sha256, client_id, api_key_id, leaked_at)
      SELECT sha256, client_id, api_key_id, ${now} FROM retired_secrets WHERE sha256 IN ${digests}`,
    deleteRetired: sql<never>`DELETE FROM retired_secrets WHERE sha256 IN ${digests}`,
  };
}

/**
 * Ends secrets that have become public. The client or API key of a present secret is disabled. A
 * secret that a rotation replaced ends alone, with all tokens of its client, which stays enabled.
 *
 * @param sha256s in hex.
 * @param now milliseconds since 1970.
 * @returns the secrets that belong to a partner, also those that were reported before.
 */
export async function endLeakedSecrets(
  db: Database,
  sha256s: readonly string[],
  now: number,
): Promise<LeakedSecret[]> {
  // One JSON array, because D1 binds at most a hundred values.
  const digests = sql`(SELECT value FROM json_each(${JSON.stringify(sha256s)}))`;
  const ofKey = endPresent(apiKey, digests, now);
  const ofClient = endPresent(client, digests, now);
  const { rows } = await db.write({
    endRetiredKeys: ofKey.endRetired,
    disableKeys: ofKey.disable,
    keepKeys: ofKey.keep,
    replaceKeys: ofKey.replace,
    endRetiredSecrets: ofClient.endRetired,
    disableClients: ofClient.disable,
    keepClients: ofClient.keep,
    replaceClients: ofClient.replace,
    ...endReplaced(digests, now),
    leaked: sql<LeakedSecret>`SELECT l.sha256, coalesce(c.partner_id, k.partner_id) AS partner_id,
        l.client_id, l.api_key_id
      FROM leaked_secrets AS l LEFT JOIN clients AS c ON c.id = l.client_id
        LEFT JOIN api_keys AS k ON k.id = l.api_key_id
      WHERE l.sha256 IN ${digests} ORDER BY l.client_id, l.api_key_id, l.sha256`,
  });
  return rows.leaked;
}
