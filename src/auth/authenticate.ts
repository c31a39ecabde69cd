import type { Context } from 'hono';
import { type Config, oncePerConfig, signingKeysOf } from '../config.ts';
import type { AppEnv, Principal } from '../context.ts';
import type { PartnerId } from '../db/partner-id.ts';
import { type Home, homeOf } from '../homes.ts';
import type { Scope } from '../policy.ts';
import { type AccessToken, verifyAccessToken } from './access-tokens.ts';
import { readUnverifiedIssuer } from './compact-jwt.ts';
import { type FoundCredentials, findCredentials, type Use } from './credentials.repository.ts';
import { ExpiringMap } from './expiring-map.ts';
import { recordUse } from './last-use.ts';
import * as refusals from './refusals.ts';
import { ADMINISTRATIVE, isScope, parseScope } from './scopes.ts';
import { isWellFormedApiKey, sha256 } from './secrets.ts';
import { TrustedIssuers } from './trusted-issuers.ts';

const trustedIssuersOf = oncePerConfig(({ trustedIssuers }) => new TrustedIssuers(trustedIssuers));

/** How long this isolate trusts a cached pair of API key and client. */
const CREDENTIAL_CACHE_TTL_MS = 60_000;
/**
 * How long a confirmed pair of API key and client does not count as a guess. After
 * `CREDENTIAL_CACHE_TTL_MS` the pair is looked up again, but that lookup is exempt from the limit on
 * failed attempts.
 */
const CONFIRMED_PAIR_TTL_MS = 3_600_000;
/** The size limit of each cache. One isolate serves fewer clients; an entry takes about a kilobyte. */
const MAX_CACHED_ENTRIES = 2000;

/** A verified token with the home of its partner. */
interface TokenAtHome extends AccessToken {
  readonly home: Home;
}

/** A cached result of token verification. */
interface VerifiedToken {
  readonly token: TokenAtHome;
  /** The configuration whose keys verified the token. An isolate can outlive a change of its bindings. */
  readonly config: Config;
}

/** An API key and a client that a database lookup confirmed together. */
interface ConfirmedPair {
  readonly partnerId: PartnerId;
  readonly apiKeyId: string;
  /** SHA-256 of the API key, in hex. */
  readonly apiKeySha256: string;
  /** The current scopes of the client; undefined for a client of another issuer. */
  readonly scopes: ReadonlySet<Scope> | undefined;
  /** Tokens issued before this time are rejected. Milliseconds since 1970. */
  readonly tokensFrom: number;
  /** When the cached pair must be looked up again, milliseconds since 1970. */
  readonly trustedUntil: number;
}

/**
 * Authenticates requests in two steps: the token is verified locally, then the pair of API key and
 * client is looked up in D1. Rate limits are applied between the steps. The app owns the authenticator,
 * so its caches live as long as the isolate. They are keyed by token and API key rather than by header
 * text, so another spelling of the same headers uses the same entries.
 */
export class Authenticator {
  /** Verified tokens by their text, until they expire. */
  readonly #tokens = new ExpiringMap<VerifiedToken>(MAX_CACHED_ENTRIES);
  /** Confirmed pairs by API key and client. A new token of the same client needs no lookup. */
  readonly #pairs = new ExpiringMap<ConfirmedPair>(MAX_CACHED_ENTRIES);

  /**
   * Verifies the access token of a request without a database query. No partner of another home than those of the
   * configuration can be looked up, so its token is invalid.
   *
   * @throws Problem `credentialsMissing`, `tokenExpired` or `tokenInvalid`; RemoteUnavailable if the
   * keys of an external issuer cannot be fetched.
   */
  async verifyToken(c: Context<AppEnv>): Promise<TokenAtHome> {
    const text = refusals.readBearerToken(c);
    const config = c.get('config');
    const known = this.#tokens.get(text, c.get('dependencies').now());
    if (known?.config === config) {
      return known.token;
    }
    const verified = await verify(c, text);
    const home = homeOf(config.homes, verified.partnerId);
    if (home === undefined) {
      throw refusals.tokenInvalid(c);
    }
    const token = { ...verified, home };
    this.#tokens.set(text, { token, config }, token.expiresAt);
    return token;
  }

  /**
   * Returns whether a lookup confirmed the same API key and client within the last hour, and no lookup
   * has rejected them since.
   */
  isRecentlyConfirmed(c: Context<AppEnv>, token: AccessToken): boolean {
    const cacheKey = toCacheKey(refusals.readApiKey(c), token);
    return this.#pairs.get(cacheKey, c.get('dependencies').now())?.partnerId === token.partnerId;
  }

  /**
   * Resolves a verified token and the API key of a request to the principal.
   *
   * @throws Problem `credentialsMissing`, `apiKeyInvalid`, `partnerMismatch`, or `tokenInvalid` for a
   * token that was revoked or whose client is disabled, expired or deleted.
   */
  async authenticate(c: Context<AppEnv>, token: AccessToken): Promise<Principal> {
    const pair = await this.#pair(c, token);
    const { partnerId, apiKeyId, apiKeySha256, scopes, tokensFrom } = pair;
    if (partnerId !== token.partnerId) {
      throw refusals.partnerMismatch();
    }
    if (token.issuedAt < tokensFrom) {
      throw refusals.tokenInvalid(c);
    }
    return {
      partnerId,
      clientId: token.clientId,
      apiKeyId,
      apiKeySha256,
      tokenIssuedAt: token.isOwn ? token.issuedAt : null,
      scopes:
        scopes === undefined
          ? token.scopes
          : new Set([...token.scopes].filter((scope) => scopes.has(scope))),
    };
  }

  /** Returns the cached pair while it is trusted, else looks it up. A rejected pair leaves the cache. */
  async #pair(c: Context<AppEnv>, token: AccessToken): Promise<ConfirmedPair> {
    const apiKey = refusals.readApiKey(c);
    const now = c.get('dependencies').now();
    const cacheKey = toCacheKey(apiKey, token);
    const known = this.#pairs.get(cacheKey, now);
    const isTrusted = known !== undefined && known.trustedUntil > now;
    if (isTrusted && !requiresFreshLookup(c.get('policy')?.scope)) {
      return known;
    }
    const keySha256 = await sha256(apiKey);
    const found = isWellFormedApiKey(apiKey) ? await lookUp(c, keySha256, token) : 'wrong-key';
    if (typeof found === 'string') {
      this.#pairs.delete(cacheKey);
      throw found === 'wrong-key' ? refusals.apiKeyInvalid(c) : refusals.tokenInvalid(c);
    }
    const pair = toConfirmedPair(found, keySha256, now);
    this.#pairs.set(cacheKey, pair, now + CONFIRMED_PAIR_TTL_MS);
    if (pair.partnerId === token.partnerId) {
      recordUse(c, listUses(found));
    }
    return pair;
  }
}

/**
 * Returns whether operations of a scope bypass the credential cache. Without this, a client or API key
 * that was just revoked could, for up to a minute, undo its revocation or create new credentials.
 */
export function requiresFreshLookup(scope: Scope | null | undefined): boolean {
  return scope != null && ADMINISTRATIVE.includes(scope);
}

/**
 * Verifies a token with the keys of this API or of the trusted issuer that the token names.
 *
 * @throws Problem `tokenExpired` or `tokenInvalid`; RemoteUnavailable if the keys cannot be fetched.
 */
async function verify(c: Context<AppEnv>, text: string): Promise<AccessToken> {
  const { config, dependencies } = c.var;
  const trusted = trustedIssuersOf(config);
  const issuer = readUnverifiedIssuer(text);
  const token =
    issuer !== undefined && trusted.trusts(issuer)
      ? await trusted.verify(text, dependencies)
      : await verifyAccessToken(
          await signingKeysOf(config),
          config.issuer,
          dependencies.now(),
          text,
        );
  if (typeof token === 'string') {
    throw token === 'expired' ? refusals.tokenExpired(c) : refusals.tokenInvalid(c);
  }
  return token;
}

/** Looks up an API key and the client of a token. */
async function lookUp(
  c: Context<AppEnv>,
  keySha256: string,
  { isOwn, clientId, partnerId }: AccessToken,
): Promise<FoundCredentials | 'wrong-key' | 'wrong-client'> {
  const found = await findCredentials(c.get('db'), {
    keySha256,
    clientId: isOwn ? clientId : null,
    partnerId,
    now: c.get('dependencies').now(),
  });
  if (found === undefined) {
    return 'wrong-key';
  }
  if (found === 'disabled') {
    return 'wrong-client';
  }
  const isUnknownClient = isOwn && found.partner_id === partnerId && found.client_id === null;
  return isUnknownClient ? 'wrong-client' : found;
}

/**
 * Returns the cache key of a pair. Other issuers choose their client ids, and an API key header can
 * contain spaces; it cannot contain a line break, so that is the separator.
 */
function toCacheKey(apiKey: string, { clientId, partnerId }: AccessToken): string {
  return `${apiKey}\n${partnerId} ${clientId}`;
}

function toConfirmedPair(
  found: FoundCredentials,
  apiKeySha256: string,
  now: number,
): ConfirmedPair {
  const { partner_id: partnerId, api_key_id: apiKeyId, scopes } = found;
  return {
    partnerId,
    apiKeyId,
    apiKeySha256,
    scopes: scopes === null ? undefined : new Set(parseScope(scopes).filter(isScope)),
    tokensFrom: found.tokens_from ?? 0,
    trustedUntil: Math.min(now + CREDENTIAL_CACHE_TTL_MS, found.valid_until),
  };
}

/** Returns the credentials whose last use is to be recorded. */
function listUses({ partner_id: partnerId, ...found }: FoundCredentials): Use[] {
  const { api_key_id, api_key_last_used_at, client_id, client_last_used_at } = found;
  return [
    { table: 'api_keys', partnerId, id: api_key_id, lastUsedAt: api_key_last_used_at },
    ...(client_id === null
      ? []
      : [{ table: 'clients', partnerId, id: client_id, lastUsedAt: client_last_used_at } as const]),
  ];
}
