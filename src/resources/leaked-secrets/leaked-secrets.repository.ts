import { type SQL, sql } from 'drizzle-orm';
import { afterTokensOf } from '../../auth/access-tokens.ts';
import type { Database } from '../../db/client.ts';
import { apiKey, type CredentialKind, client, tableOf } from '../system/credentials.repository.ts';
import { disableStatements } from '../system/disabling.repository.ts';

/**
 * Stands before the digest of a secret that leaked. No secret matches the digest again, even when its
 * owner is enabled, and a second report ends nothing more.
 */
const MARK = 'leaked ';

/** A secret that leaked, with whose it was. */
export interface LeakedSecret {
  /** SHA-256, in hex. */
  readonly sha256: string;
  readonly partner_id: number;
  readonly client_id: string | null;
  readonly api_key_id: string | null;
}

/** The statements that end present secrets for good and disable what they belong to. */
function endPresent(kind: CredentialKind, digests: SQL, now: number) {
  const secret = sql.identifier(kind.secret);
  const leaked = sql`${secret} IN ${digests}`;
  return [
    ...disableStatements(kind, leaked, now),
    sql<never>`UPDATE ${tableOf(kind)} SET ${secret} = ${MARK} || ${secret} WHERE ${leaked}`,
  ] as const;
}

/**
 * The statements that end secrets which a rotation replaced, for good, with all tokens of their clients.
 * A token does not state which secret it was issued for; the client gets new ones with its new secret.
 */
function endReplaced(digests: SQL, now: number) {
  return [
    sql<never>`UPDATE clients SET tokens_from = max(tokens_from, ${afterTokensOf(now)})
      WHERE id IN (SELECT client_id FROM retired_secrets WHERE sha256 IN ${digests})`,
    sql<never>`UPDATE retired_secrets SET sha256 = ${MARK} || sha256, expires_at = min(expires_at, ${now})
      WHERE sha256 IN ${digests}`,
  ] as const;
}

const marked = (digests: SQL) => sql`(SELECT ${MARK} || value FROM ${digests})`;

/** The leaked ones of a kind, ended now or before. */
function selectLeaked({ table, secret, owner }: CredentialKind, digests: SQL): SQL {
  const column = sql.identifier(secret);
  const id = (name: string) => (name === owner ? sql`id` : sql`NULL`);
  return sql`SELECT substr(${column}, ${MARK.length + 1}) AS sha256, partner_id,
      ${id('client_id')} AS client_id, ${id('api_key_id')} AS api_key_id
    FROM ${sql.identifier(table)} WHERE ${column} IN ${marked(digests)}`;
}

/**
 * Ends secrets that everybody may know. A present secret has its client or API key disabled. A secret
 * that a rotation replaced ends alone, with all tokens of its client, which stays enabled.
 *
 * @param sha256s in hex.
 * @param now milliseconds since 1970.
 * @returns those that were ours, also when they were reported before.
 */
export async function endLeakedSecrets(
  db: Database,
  sha256s: readonly string[],
  now: number,
): Promise<LeakedSecret[]> {
  // One value, for D1 binds a hundred at most.
  const each = sql`json_each(${JSON.stringify(sha256s)})`;
  const digests = sql`(SELECT value FROM ${each})`;
  const { rows } = await db.write([
    ...endPresent(apiKey, digests, now),
    ...endPresent(client, digests, now),
    ...endReplaced(digests, now),
    sql<LeakedSecret>`${selectLeaked(apiKey, each)}
      UNION ALL ${selectLeaked(client, each)}
      UNION ALL SELECT substr(r.sha256, ${MARK.length + 1}), coalesce(c.partner_id, k.partner_id), r.client_id, r.api_key_id
        FROM retired_secrets AS r LEFT JOIN clients AS c ON c.id = r.client_id
        LEFT JOIN api_keys AS k ON k.id = r.api_key_id
        WHERE r.sha256 IN ${marked(each)}`,
  ]);
  return rows[8];
}
