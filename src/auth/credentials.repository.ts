import { eq, getTableColumns, sql } from 'drizzle-orm';
import { type Database, query } from '../db/client.ts';
import { clients } from '../db/schema.ts';

/** A client as the token endpoint needs it. */
export async function findClient(db: Database, clientId: string) {
  const { partner_id, secret_sha256, scopes } = getTableColumns(clients);
  const [[client]] = await db.read([
    query
      .select({ partner_id, secret_sha256, scopes })
      .from(clients)
      .where(eq(clients.id, clientId)),
  ]);
  return client;
}

/** Whether the token's client still exists is asked only for its own partner: one row for a mismatch. */
export interface CredentialPair {
  readonly keySha256: string;
  readonly clientId: string;
  readonly partnerId: number;
}

/**
 * Looks up an API key and, when it is of the same partner as the access token, the token's client.
 *
 * @returns undefined for an unknown key.
 */
export async function findCredentials(
  db: Database,
  { keySha256, clientId, partnerId }: CredentialPair,
) {
  const [[found]] = await db.read([
    sql<{ partner_id: number; client_exists: 0 | 1 }>`
      SELECT k.partner_id, c.id IS NOT NULL AS client_exists
      FROM api_keys AS k LEFT JOIN clients AS c
        ON c.id = iif(k.partner_id = ${partnerId}, ${clientId}, NULL) AND c.partner_id = k.partner_id
      WHERE k.sha256 = ${keySha256}`,
  ]);
  return found;
}
