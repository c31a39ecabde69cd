import type { Context } from 'hono';
import { type ClientRow, findClient } from '../../../auth/credentials.repository.ts';
import { ExpiringMap } from '../../../auth/expiring-map.ts';
import { recordUse } from '../../../auth/last-use.ts';
import { sha256 } from '../../../auth/secrets.ts';
import type { AppEnv } from '../../../context.ts';
import { networkOf, type Suspects } from '../../../http/requests/failed-attempts.ts';
import { countRequest, policies } from '../../../http/requests/rate-limit.ts';
import { OAuthError } from '../../../problems/problem.ts';
import type { ClientCredentials } from './client-authentication.ts';

/** Refused for its secret, in the same words as an unknown client: somebody may be guessing. */
class WrongSecret extends OAuthError {
  constructor() {
    super('invalid_client', 'The client is unknown or its secret is wrong.');
  }
}

/**
 * How long right credentials are remembered. A client asks once an hour or so; what is remembered is
 * looked up all the same, so a longer time lets nobody in.
 */
const RIGHT_LATELY_MS = 24 * 3_600_000;
/** Enough for every client that one isolate meets. */
const CAPACITY = 2000;

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
 * Authenticates clients by their secrets, and counts what they ask for. A mounted token endpoint owns
 * it, so that what it remembers lives as long as the isolate.
 */
export class ClientAuthenticator {
  /** The partner of credentials that were right lately, by client and SHA-256 of the secret. */
  readonly #partners = new ExpiringMap<number>(CAPACITY);
  readonly #suspects: Suspects;

  constructor(suspects: Suspects) {
    this.#suspects = suspects;
  }

  /**
   * Returns the client that has these credentials. Right ones count against the quota of the partner;
   * those that were right lately do so before they are looked up, so that they cost D1 nothing beyond
   * the quota, and are held up by nobody who guesses at the same address or for the same client.
   *
   * @throws OAuthError `invalid_client` for an unknown client and a wrong secret alike;
   * `unauthorized_client` for the right secret of a client that is disabled or has expired.
   * @throws Problem `quotaExceeded` or `tooManyFailedAttempts`.
   */
  async authenticate(c: Context<AppEnv>, credentials: ClientCredentials): Promise<ClientRow> {
    const { clientId, clientSecret } = credentials;
    const now = c.var.dependencies.now();
    const sentSha256 = await sha256(clientSecret);
    // A digest has no space, so the pair has one name.
    const name = `${sentSha256} ${clientId}`;
    const knownPartner = this.#partners.get(name, now);
    if (knownPartner === undefined) {
      await countRequest(c, policies.tokenRequests, `address ${networkOf(c)}`);
    } else {
      await countRequest(c, policies.partner, String(knownPartner));
    }
    const client = await this.#suspects.watch(
      c,
      (error) => error instanceof WrongSecret,
      async () => {
        const found = await findClient(c.var.db, clientId, sentSha256, now);
        if (!isSecretOf(found, sentSha256) || found === undefined) {
          this.#partners.delete(name);
          throw new WrongSecret();
        }
        this.#partners.set(name, found.partner_id, now + RIGHT_LATELY_MS);
        return found;
      },
      { subject: `secret ${clientId}`, isExempt: knownPartner !== undefined },
    );
    if (knownPartner === undefined) {
      await countRequest(c, policies.partner, String(client.partner_id));
    }
    if (client.valid_until <= now) {
      throw new OAuthError('unauthorized_client', 'The client is disabled or has expired.');
    }
    recordUse(c, [{ table: 'clients', id: clientId, lastUsedAt: client.last_used_at }]);
    return client;
  }
}
