import type { Context } from 'hono';
import { type ClientRow, findClient } from '../../../auth/credentials.repository.ts';
import { noteUse } from '../../../auth/last-use.ts';
import { sha256 } from '../../../auth/secrets.ts';
import type { AppEnv } from '../../../context.ts';
import { OAuthError } from '../../../problems/problem.ts';
import type { ClientCredentials } from './client-authentication.ts';

/** Refused for its secret, in the same words as an unknown client: somebody may be guessing. */
export class WrongSecret extends OAuthError {
  constructor() {
    super('invalid_client', 'The client is unknown or its secret is wrong.');
  }
}

const encoder = new TextEncoder();
/** Compared with when there is no client, so that its absence takes no less time. */
const NOBODYS = '0'.repeat(64);

/** Whether the secret is one of the client's; each is compared, and in constant time. */
function isSecretOf(client: ClientRow | undefined, sentSha256: string): boolean {
  const sent = encoder.encode(sentSha256);
  const digests = [client?.secret_sha256 ?? NOBODYS, client?.retired_sha256 ?? NOBODYS];
  // Those of another length never match; of all others each is looked at.
  return digests
    .map((digest) => encoder.encode(digest))
    .filter(({ byteLength }) => byteLength === sent.byteLength)
    .map((digest) => crypto.subtle.timingSafeEqual(sent, digest))
    .includes(true);
}

/**
 * The client that these credentials prove, at one cost for an unknown client and for a wrong secret.
 *
 * @throws WrongSecret for both; OAuthError `unauthorized_client` for the right secret of a client that
 * is disabled or has expired.
 */
export async function authenticatedClient(
  c: Context<AppEnv>,
  { clientId, clientSecret }: ClientCredentials,
): Promise<ClientRow> {
  const now = c.var.dependencies.now();
  const sent = await sha256(clientSecret);
  const client = await findClient(c.var.db, clientId, sent, now);
  if (!isSecretOf(client, sent) || client === undefined) {
    throw new WrongSecret();
  }
  if (client.valid_until <= now) {
    throw new OAuthError('unauthorized_client', 'The client is disabled or has expired.');
  }
  noteUse(c, [{ table: 'clients', id: clientId, lastUsedAt: client.last_used_at }]);
  return client;
}
