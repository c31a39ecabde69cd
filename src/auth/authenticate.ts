import type { Context } from 'hono';
import { ConfigError } from '../config.ts';
import type { AppEnv, Principal } from '../context.ts';
import { Problem } from '../problems/problem.ts';
import { type AccessToken, verifyAccessToken } from './access-tokens.ts';
import { findCredentials } from './credentials.repository.ts';
import { ExpiringMap } from './expiring-map.ts';
import type { Scope } from './scopes.ts';
import { isWellFormedApiKey, sha256 } from './secrets.ts';
import { importSigningKeys, type SigningKeys } from './signing-keys.ts';

/** How long this isolate believes what D1 said of a key or client, in milliseconds. */
const TRUST = 60_000;
/** Enough for every client that one isolate meets; each entry is well under a kilobyte. */
const CAPACITY = 2000;

/** The challenge (RFC 6750 §3), which leads to where tokens come from (RFC 9728 §5.1). */
function challenge(c: Context<AppEnv>): string {
  const metadata = `${c.get('config').issuer}/.well-known/oauth-protected-resource`;
  return `Bearer realm="prepared-tickets", resource_metadata="${metadata}"`;
}

function unauthorized(c: Context<AppEnv>, detail: string, error = ''): Problem {
  return new Problem('unauthorized', {
    detail,
    headers: { 'WWW-Authenticate': challenge(c) + error },
  });
}

/** RFC 6750 §2.1; the scheme is case-insensitive (RFC 9110 §11.1). */
function bearerToken(c: Context<AppEnv>): string {
  const header = c.req.header('authorization');
  if (header === undefined) {
    throw unauthorized(
      c,
      'The access token is missing. Send the header authorization: Bearer, then the token.',
    );
  }
  const token = /^Bearer +([\w.~+/=-]+)$/i.exec(header)?.[1];
  if (token === undefined) {
    throw invalidToken(c);
  }
  return token;
}

function invalidToken(c: Context<AppEnv>): Problem {
  return unauthorized(
    c,
    'The access token is not valid or has expired. Get a new one from /oauth2/token.',
    ', error="invalid_token"',
  );
}

function invalidKey(c: Context<AppEnv>): Problem {
  return unauthorized(c, 'The API key is not valid. Send your key in the header x-api-key.');
}

/** Proves who calls; owned by the app, so that what it remembers lives as long as the isolate. */
export class Authenticator {
  readonly #tokens = new ExpiringMap<AccessToken>(CAPACITY);
  /** The partner of each pair of key and client that D1 has confirmed. */
  readonly #partners = new ExpiringMap<number>(CAPACITY);
  #signingKeys: Promise<SigningKeys> | undefined;

  /** The keys of this isolate. @throws ConfigError when Web Crypto refuses one. */
  signingKeys(c: Context<AppEnv>): Promise<SigningKeys> {
    this.#signingKeys ??= importSigningKeys(c.get('config').signingKeys).catch(() => {
      throw new ConfigError(['SIGNING_KEYS']);
    });
    return this.#signingKeys;
  }

  /**
   * Checks both credentials of a request, the token first and locally, then the key. What was seen
   * within the last minute costs no D1 call.
   *
   * @throws Problem `unauthorized` (RFC 6750 §3), or `forbidden` without the scope or with
   * credentials of two partners.
   */
  async authenticate(c: Context<AppEnv>, scope: Scope): Promise<Principal> {
    const token = await this.#accessToken(c, bearerToken(c));
    const partnerId = await this.#partnerOfKey(c, token);
    if (partnerId !== token.partnerId) {
      throw new Problem('forbidden', {
        detail: 'The access token and the API key belong to two partners. Use those of one.',
      });
    }
    if (!token.scopes.has(scope)) {
      throw new Problem('forbidden', {
        detail: `The access token lacks the scope ${scope}. Request a token with it.`,
        headers: {
          'WWW-Authenticate': `${challenge(c)}, error="insufficient_scope", scope="${scope}"`,
        },
      });
    }
    return { partnerId, clientId: token.clientId, scopes: token.scopes };
  }

  async #accessToken(c: Context<AppEnv>, text: string): Promise<AccessToken> {
    const now = c.get('dependencies').now();
    const known = this.#tokens.get(text, now);
    if (known !== undefined) {
      return known;
    }
    const keys = await this.signingKeys(c);
    const token = await verifyAccessToken(keys, c.get('config').issuer, now, text);
    if (typeof token === 'string') {
      throw invalidToken(c);
    }
    this.#tokens.set(text, token, token.expiresAt);
    return token;
  }

  async #partnerOfKey(c: Context<AppEnv>, { clientId, partnerId }: AccessToken): Promise<number> {
    const key = c.req.header('x-api-key');
    if (key === undefined) {
      throw unauthorized(c, 'The API key is missing. Send your key in the header x-api-key.');
    }
    const now = c.get('dependencies').now();
    const pair = `${key} ${clientId}`;
    const known = this.#partners.get(pair, now);
    if (known !== undefined) {
      return known;
    }
    if (!isWellFormedApiKey(key)) {
      throw invalidKey(c);
    }
    const keySha256 = await sha256(key);
    const found = await findCredentials(c.get('db'), { keySha256, clientId, partnerId });
    if (found === undefined) {
      throw invalidKey(c);
    }
    if (found.partner_id === partnerId && !found.client_exists) {
      throw invalidToken(c);
    }
    this.#partners.set(pair, found.partner_id, now + TRUST);
    return found.partner_id;
  }
}
