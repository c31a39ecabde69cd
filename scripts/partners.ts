import { randomUUID } from 'node:crypto';
import { scopes } from '../src/auth/scopes.ts';
import { newApiKey, newClientSecret, sha256 } from '../src/auth/secrets.ts';

/** What a partner holds to call the API; only hashes of the last two are stored. */
export interface Credentials {
  readonly client_id: string;
  readonly client_secret: string;
  readonly api_key: string;
}

/** @param kind what the API key says of itself: `test` for keys that are good for a local database only. */
export function newCredentials(kind: 'live' | 'test'): Credentials {
  return { client_id: randomUUID(), client_secret: newClientSecret(), api_key: newApiKey(kind) };
}

/**
 * What is wrong with a partner's name, as a sentence; undefined when nothing is. People read it in
 * terminals and lists, so it holds nothing that cannot be seen there.
 */
export function nameFault(name: string): string | undefined {
  if (name.trim() === '' || name !== name.trim()) {
    return 'The name must not be empty, nor begin or end with a space.';
  }
  if (/\p{Cc}/u.test(name) || !name.isWellFormed()) {
    return 'The name must not contain control characters or broken Unicode.';
  }
  return [...name].length > 255 ? 'The name must have at most 255 characters.' : undefined;
}

/** A text as SQL that holds nothing of it in clear: no quote to escape, no word to be mistaken. */
function literal(text: string): string {
  return `CAST(x'${Buffer.from(text).toString('hex')}' AS TEXT)`;
}

/**
 * SQL that creates a partner. It is text without parameters, because `wrangler d1 execute`, the way
 * to a remote database, takes none.
 *
 * @param name one without a fault.
 * @param now milliseconds since 1970.
 */
export function partnerSql(name: string, now: number): string {
  return `INSERT INTO partners (name, created_at) VALUES (${literal(name)}, ${now})`;
}

/** SQL that gives an existing partner a client with every scope, and an API key. */
export async function credentialsSql(
  name: string,
  credentials: Credentials,
  now: number,
): Promise<string[]> {
  const partner = `(SELECT id FROM partners WHERE name = ${literal(name)})`;
  const client = [
    literal(credentials.client_id),
    partner,
    literal(name),
    literal(await sha256(credentials.client_secret)),
    literal(Object.keys(scopes).join(' ')),
    now,
  ];
  const key = [literal(await sha256(credentials.api_key)), partner, now];
  return [
    `INSERT INTO clients (id, partner_id, name, secret_sha256, scopes, created_at) VALUES (${client.join(', ')})`,
    `INSERT INTO api_keys (sha256, partner_id, created_at) VALUES (${key.join(', ')})`,
  ];
}
