import { type SQLWrapper, sql } from 'drizzle-orm';
import { scopes } from '../../src/auth/scopes.ts';
import { newApiKey, newClientSecret, sha256 } from '../../src/auth/secrets.ts';
import { apiKeys, clients, partners } from '../../src/db/schema.ts';
import { query } from '../../src/db/statements.ts';
import { inlined } from './inlined-sql.ts';

/** What a partner holds to call the API; only hashes of the last two are stored. */
export interface Credentials {
  readonly client_id: string;
  readonly client_secret: string;
  readonly api_key: string;
}

/** What the clients of partners to try things with may do: all that there is, space-delimited. */
export const everyScope = Object.keys(scopes).join(' ');

/** @param kind what the API key says of itself: `test` for keys that are good for a local database only. */
export function newCredentials(kind: 'live' | 'test'): Credentials {
  return {
    client_id: crypto.randomUUID(),
    client_secret: newClientSecret(),
    api_key: newApiKey(kind),
  };
}

/**
 * SQL that creates a partner.
 *
 * @param now milliseconds since 1970.
 */
export function partnerSql(name: string, now: number): string {
  return inlined(query.insert(partners).values({ name, created_at: now }));
}

/**
 * SQL that gives an existing partner a client with every scope, and an API key, both with its name.
 * However many it has: partners to try things with must work when somebody tried the limit.
 */
export async function credentialsSql(
  name: string,
  credentials: Credentials,
  now: number,
): Promise<string[]> {
  const partner_id = sql`(SELECT id FROM partners WHERE name = ${name})`;
  const common = { partner_id, name, created_at: now };
  const statements: SQLWrapper[] = [
    query.insert(clients).values({
      ...common,
      id: credentials.client_id,
      secret_sha256: await sha256(credentials.client_secret),
      scopes: everyScope,
    }),
    query.insert(apiKeys).values({
      ...common,
      id: crypto.randomUUID(),
      sha256: await sha256(credentials.api_key),
    }),
  ];
  return statements.map(inlined);
}
