import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/client.ts';
import { apiKey, type CredentialKind, client, tableOf } from '../system/credentials.repository.ts';
import { disableStatements } from '../system/disabling.repository.ts';

/** Before the digest of a secret that leaked: no secret ever has it again, also when its owner is enabled. */
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

/** The leaked ones of a kind, ended now or before. */
function selectLeaked({ table, secret, owner }: CredentialKind, digests: SQL): SQL {
  const column = sql.identifier(secret);
  const id = (name: string) => (name === owner ? sql`id` : sql`NULL`);
  return sql`SELECT substr(${column}, ${MARK.length + 1}) AS sha256, partner_id,
      ${id('client_id')} AS client_id, ${id('api_key_id')} AS api_key_id
    FROM ${sql.identifier(table)} WHERE ${column} IN (SELECT ${MARK} || value FROM ${digests})`;
}

/**
 * Ends secrets that everybody may know. The client or API key of a present one is disabled; of one
 * that a rotation left valid only that secret ends, for its owner lives on with another.
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
    sql<never>`UPDATE retired_secrets SET expires_at = min(expires_at, ${now}) WHERE sha256 IN ${digests}`,
    sql<LeakedSecret>`${selectLeaked(apiKey, each)}
      UNION ALL ${selectLeaked(client, each)}
      UNION ALL SELECT r.sha256, coalesce(c.partner_id, k.partner_id), r.client_id, r.api_key_id
        FROM retired_secrets AS r LEFT JOIN clients AS c ON c.id = r.client_id
        LEFT JOIN api_keys AS k ON k.id = r.api_key_id
        WHERE r.sha256 IN ${digests}`,
  ]);
  return rows[7];
}
