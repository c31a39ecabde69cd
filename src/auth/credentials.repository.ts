import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { apiKeys, clients } from '../db/schema.ts';

/** A client as the token endpoint needs it. */
export async function findClient(db: Database, clientId: string) {
  const [[client]] = await db.batch([
    db.query
      .select({
        partnerId: clients.partner_id,
        secretSha256: clients.secret_sha256,
        scopes: clients.scopes,
      })
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
  const [[found]] = await db.batch([
    db.query
      .select({ partnerId: apiKeys.partner_id, clientPartnerId: clients.partner_id })
      .from(apiKeys)
      .leftJoin(
        clients,
        and(
          sql`${clients.id} = iif(${apiKeys.partner_id} = ${partnerId}, ${clientId}, null)`,
          eq(clients.partner_id, apiKeys.partner_id),
        ),
      )
      .where(eq(apiKeys.sha256, keySha256)),
  ]);
  return (
    found && {
      partnerId: found.partnerId,
      clientExists: found.clientPartnerId !== null,
    }
  );
}
