import type { Context } from 'hono';
import { type ClientRow, findClient } from '../../../auth/credentials.repository.ts';
import { ExpiringMap } from '../../../auth/expiring-map.ts';
import { recordUse } from '../../../auth/last-use.ts';
import { homeNameOfClientSecret, sha256 } from '../../../auth/secrets.ts';
import type { AppEnv } from '../../../context.ts';
import { homeNamed } from '../../../homes.ts';
import { type FailedAttempts, sourceOf } from '../../../http/requests/failed-attempts.ts';
import { enterHome } from '../../../http/requests/home.ts';
import { countRequest, rateLimitPolicies } from '../../../http/requests/rate-limit.ts';
import { OAuthError } from '../../../problems/problem.ts';
import type { ClientCredentials } from './client-authentication.ts';

/**
 * The error for an unknown client and for a wrong secret. It is the same for both, so that a caller that
 * guesses cannot find out which client ids exist.
 */
class WrongSecret extends OAuthError {
  constructor() {
    super('invalid_client', 'The client is unknown or its secret is wrong.');
  }
}

/**
 * How long an isolate remembers credentials that were valid, in milliseconds. A client requests a token
 * about once an hour. The time may be long, because remembered credentials are still looked up for every
 * token request: they only change how the request is counted.
 */
const VERIFIED_CREDENTIALS_TTL_MS = 24 * 3_600_000;
/** The most credentials that an isolate remembers. */
const MAX_REMEMBERED_CREDENTIALS = 2000;

const encoder = new TextEncoder();
/** The digest that is compared for an unknown client, so that the comparison takes as long as for a known one. */
const PLACEHOLDER_SHA256 = '0'.repeat(64);

/**
 * Returns whether a secret is the current or a retired secret of the client. Both are always compared,
 * each in constant time.
 */
function isSecretOf(client: ClientRow | undefined, sentSha256: string): boolean {
  const sent = encoder.encode(sentSha256);
  const digests = [
    client?.secret_sha256 ?? PLACEHOLDER_SHA256,
    client?.retired_sha256 ?? PLACEHOLDER_SHA256,
  ];
  // `timingSafeEqual` throws for different lengths, and a digest of another length cannot match anyway.
  return digests
    .map((digest) => encoder.encode(digest))
    .filter(({ byteLength }) => byteLength === sent.byteLength)
    .map((digest) => crypto.subtle.timingSafeEqual(sent, digest))
    .includes(true);
}

/**
 * Authenticates clients by their secrets, and counts their token requests. The mounted token endpoint
 * owns it, so that its memory lasts as long as the isolate.
 */
export class ClientAuthenticator {
  /** The partner ids of recently verified credentials, by client id and SHA-256 of the secret. */
  readonly #partners = new ExpiringMap<number>(MAX_REMEMBERED_CREDENTIALS);
  readonly #failedAttempts: FailedAttempts;

  constructor(failedAttempts: FailedAttempts) {
    this.#failedAttempts = failedAttempts;
  }

  /**
   * Returns the client that a pair of credentials belongs to. A request with valid credentials counts
   * against the quota of the partner. If the credentials were verified recently, it counts before the
   * lookup: a request beyond the quota then causes no query to D1, and callers that guess at the same
   * address or for the same client do not throttle it.
   *
   * @throws OAuthError `invalid_client` for an unknown client and for a wrong secret;
   * `unauthorized_client` for the valid secret of a client that is disabled or has expired.
   * @throws Problem `quotaExceeded` or `tooManyFailedAttempts`.
   */
  async authenticate(c: Context<AppEnv>, credentials: ClientCredentials): Promise<ClientRow> {
    const { clientId, clientSecret } = credentials;
    const now = c.var.dependencies.now();
    const { homes } = c.var.config;
    // `main` does not have the client of an unknown home either, so the response tells nothing about homes.
    enterHome(c, homeNamed(homes, homeNameOfClientSecret(clientSecret)) ?? homes[0]);
    const sentSha256 = await sha256(clientSecret);
    // A digest contains no space, so two different pairs never have the same name.
    const name = `${sentSha256} ${clientId}`;
    const knownPartner = this.#partners.get(name, now);
    if (knownPartner === undefined) {
      await countRequest(c, rateLimitPolicies.tokenRequests, `address ${sourceOf(c)}`);
    } else {
      await countRequest(c, rateLimitPolicies.partner, String(knownPartner));
    }
    const client = await this.#failedAttempts.watch(
      c,
      (error) => error instanceof WrongSecret,
      async () => {
        const found = await findClient(c.var.db, clientId, sentSha256, now);
        if (!isSecretOf(found, sentSha256) || found === undefined) {
          this.#partners.delete(name);
          throw new WrongSecret();
        }
        this.#partners.set(name, found.partner_id, now + VERIFIED_CREDENTIALS_TTL_MS);
        return found;
      },
      { subject: `secret ${clientId}`, isExempt: knownPartner !== undefined },
    );
    if (knownPartner === undefined) {
      await countRequest(c, rateLimitPolicies.partner, String(client.partner_id));
    }
    if (client.valid_until <= now) {
      throw new OAuthError('unauthorized_client', 'The client is disabled or has expired.');
    }
    const { partner_id: partnerId, last_used_at: lastUsedAt } = client;
    recordUse(c, [{ table: 'clients', partnerId, id: clientId, lastUsedAt }]);
    return client;
  }
}
