import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { scopes } from '../../src/auth/scopes.ts';
import { newApiKey, newClientSecret, sha256 } from '../../src/auth/secrets.ts';
import { apiKeys, clients } from '../../src/db/schema.ts';
import { query } from '../../src/db/statements.ts';
import { type Home, IDS_PER_HOME, MAIN_HOME } from '../../src/homes.ts';
import { inlined } from './inlined-sql.ts';

/** The credentials with which a partner calls the API. The database stores only hashes of the last two. */
export interface Credentials {
  readonly client_id: string;
  readonly client_secret: string;
  readonly api_key: string;
}

/** Every scope, space-delimited, for the clients of demo partners and of partners in checks. */
export const everyScope = Object.keys(scopes).join(' ');

/**
 * Creates random credentials.
 *
 * @param kind the kind that the prefix of the API key names: `test` for keys of a local database.
 * @param home the home of the partner, which the client secret names.
 */
export function newCredentials(
  kind: 'live' | 'test',
  home: Pick<Home, 'name'> = MAIN_HOME,
): Credentials {
  return {
    client_id: crypto.randomUUID(),
    client_secret: newClientSecret(home),
    api_key: newApiKey(kind),
  };
}

/**
 * Returns the statement that inserts a partner. Its id is the next one in the range of its home, and no partner is
 * ever deleted, so no id is used twice. It inserts nothing once the range is used up.
 *
 * @param now milliseconds since 1970.
 */
export function insertPartner({ number }: Pick<Home, 'number'>, name: string, now: number): SQL {
  const before = number * IDS_PER_HOME;
  const last = before + IDS_PER_HOME - 1;
  return sql`INSERT INTO partners (id, name, created_at)
    SELECT coalesce(max(id), ${before}) + 1, ${name}, ${now} FROM partners
    WHERE id > ${before} AND id <= ${last} HAVING coalesce(max(id), ${before}) < ${last}`;
}

/**
 * Returns the SQL that creates a partner.
 *
 * @param now milliseconds since 1970.
 * @param home the home whose database executes it.
 */
export const partnerSql = (
  name: string,
  now: number,
  home: Pick<Home, 'number'> = MAIN_HOME,
): string => inlined(insertPartner(home, name, now));

/**
 * Returns the SQL that adds a client and an API key to an existing partner. It ignores the maximum number of
 * credentials, because a demo partner must keep working after a developer reaches the maximum.
 *
 * @param now milliseconds since 1970.
 * @param client the scopes of the client, by default every scope, and the name of both, by default that of
 * the partner.
 */
export async function credentialsSql(
  partner: string,
  credentials: Credentials,
  now: number,
  { name = partner, scopes = everyScope }: { name?: string; scopes?: string } = {},
): Promise<string[]> {
  const partner_id = sql`(SELECT id FROM partners WHERE name = ${partner})`;
  const common = { partner_id, name, created_at: now };
  const statements: SQLWrapper[] = [
    query.insert(clients).values({
      ...common,
      id: credentials.client_id,
      secret_sha256: await sha256(credentials.client_secret),
      scopes,
    }),
    query.insert(apiKeys).values({
      ...common,
      id: crypto.randomUUID(),
      sha256: await sha256(credentials.api_key),
    }),
  ];
  return statements.map(inlined);
}
