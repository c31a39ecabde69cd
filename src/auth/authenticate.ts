import type { Context } from 'hono';
import { type Config, oncePerConfig, signingKeysOf } from '../config.ts';
import type { AppEnv, Principal } from '../context.ts';
import type { Gate } from '../db/gate.ts';
import { type Home, homeOf } from '../homes.ts';
import type { Scope } from '../policy.ts';
import { type AccessToken, verifyAccessToken } from './access-tokens.ts';
import { readUnverifiedIssuer } from './compact-jwt.ts';
import type { Use } from './credentials.repository.ts';
import { ExpiringMap } from './expiring-map.ts';
import { type ConfirmedCaller, callerGate } from './gate.repository.ts';
import { recordUse } from './last-use.ts';
import * as refusals from './refusals.ts';
import { ADMINISTRATIVE, isScope, parseScope } from './scopes.ts';
import { isWellFormedApiKey, sha256 } from './secrets.ts';
import { TrustedIssuers } from './trusted-issuers.ts';

const trustedIssuersOf = oncePerConfig(({ trustedIssuers }) => new TrustedIssuers(trustedIssuers));

/** How long this isolate trusts a confirmed pair of API key and client, so that reads need no gate. */
const CREDENTIAL_CACHE_TTL_MS = 60_000;
/**
 * How long a confirmed pair of API key and client does not count as a guess. After
 * `CREDENTIAL_CACHE_TTL_MS` reads need the gate again, but they are exempt from the limit on failed attempts.
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

/** An API key and a client that a gate confirmed together. */
interface ConfirmedPair {
  /** SHA-256 of the API key, in hex. */
  readonly apiKeySha256: string;
  /** The current scopes of the client; undefined for a client of another issuer. */
  readonly scopes: ReadonlySet<Scope> | undefined;
  /** Tokens issued before this time are rejected. Milliseconds since 1970. */
  readonly tokensFrom: number;
  /** Until when reads need no gate, milliseconds since 1970. */
  readonly trustedUntil: number;
}

/** The caller of a request whose token is verified, and the gate that decides about the rest. */
interface Caller {
  readonly principal: Principal;
  readonly gate: Gate<ConfirmedCaller>;
  /** Whether this isolate trusts an earlier gate, so that reads do without one. */
  readonly isConfirmed: boolean;
}

/**
 * Authenticates requests in two steps: the token is verified locally, then the gate decides about the pair of API key
 * and client in the first D1 call of the request. Rate limits are applied between the steps. The app owns the
 * authenticator, so its caches live as long as the isolate. They are keyed by token and API key rather than by header
 * text, so another spelling of the same headers uses the same entries.
 */
export class Authenticator {
  /** Verified tokens by their text, until they expire. */
  readonly #tokens = new ExpiringMap<VerifiedToken>(MAX_CACHED_ENTRIES);
  /** Confirmed pairs by API key and client. A new token of the same client needs no gate. */
  readonly #pairs = new ExpiringMap<ConfirmedPair>(MAX_CACHED_ENTRIES);

  /**
   * Verifies the access token of a request without a database query. No partner of another home than those of the
   * configuration can exist, so its token is invalid.
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
   * Returns whether a gate confirmed the same API key and client within the last hour, and none has rejected them since.
   */
  isRecentlyConfirmed(c: Context<AppEnv>, token: AccessToken): boolean {
    const cacheKey = toCacheKey(refusals.readApiKey(c), token);
    return this.#pairs.get(cacheKey, c.get('dependencies').now()) !== undefined;
  }

  /**
   * Returns the caller that a verified token and the API key of a request claim to be, with the gate that decides.
   *
   * @param countFailure counts a wrong credential; it may throw a problem in place of that of the gate.
   * @throws Problem `credentialsMissing`, or `apiKeyInvalid` for a key that cannot exist.
   */
  async identify(
    c: Context<AppEnv>,
    token: AccessToken,
    countFailure: () => Promise<void>,
  ): Promise<Caller> {
    const apiKey = refusals.readApiKey(c);
    const { now } = c.var.dependencies;
    const scope = c.var.policy?.scope ?? null;
    const cacheKey = toCacheKey(apiKey, token);
    const known = this.#pairs.get(cacheKey, now());
    const apiKeySha256 = known?.apiKeySha256 ?? (await sha256(apiKey));
    const { partnerId, clientId, isOwn, issuedAt: tokenIssuedAt } = token;
    const keep = (pair: Omit<ConfirmedPair, 'apiKeySha256'>) =>
      this.#pairs.set(cacheKey, { ...pair, apiKeySha256 }, now() + CONFIRMED_PAIR_TTL_MS);
    // A revocation can be committed while D1 answers, so the trust begins when the gate is asked.
    let askedAt = now();
    const gate: Gate<ConfirmedCaller> = {
      statement: () => {
        askedAt = now();
        return callerGate({
          ...{ partnerId, clientId: isOwn ? clientId : null, apiKeySha256 },
          ...{ tokenIssuedAt, scope, now: askedAt },
        });
      },
      confirm: (row) => {
        keep(toConfirmedPair(row, askedAt));
        recordUse(c, listUses(row, token));
      },
      refuse: async (reason) => {
        if (reason === 'token-revoked' || reason === 'scope-missing') {
          // The pair is right, so it is no guess.
          keep({ scopes: undefined, tokensFrom: 0, trustedUntil: 0 });
        } else {
          this.#pairs.delete(cacheKey);
        }
        const problem = refusals.gateClosed(c, reason, scope);
        if (refusals.isWrongCredential(problem)) {
          await countFailure();
        }
        throw problem;
      },
    };
    if (known === undefined && !isWellFormedApiKey(apiKey)) {
      await gate.refuse('api-key-invalid');
    }
    return {
      principal: { partnerId, clientId, apiKeySha256 },
      gate,
      isConfirmed: known !== undefined && admits(known, token, scope, now()),
    };
  }
}

/**
 * Returns whether a pair that a gate confirmed stands in for the gate of a read. It does not for operations of an
 * administrative scope: a client or API key that was just revoked could otherwise read for up to a minute what would
 * let it undo its revocation.
 */
function admits(
  { trustedUntil, tokensFrom, scopes }: ConfirmedPair,
  { issuedAt }: AccessToken,
  scope: Scope | null,
  now: number,
): boolean {
  return (
    trustedUntil > now &&
    tokensFrom <= issuedAt &&
    (scope === null || (!ADMINISTRATIVE.includes(scope) && scopes?.has(scope) !== false))
  );
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

/**
 * Returns the cache key of a pair. Other issuers choose their client ids, and an API key header can
 * contain spaces; it cannot contain a line break, so that is the separator.
 */
function toCacheKey(apiKey: string, { clientId, partnerId }: AccessToken): string {
  return `${apiKey}\n${partnerId} ${clientId}`;
}

function toConfirmedPair({ scopes, tokens_from, valid_until }: ConfirmedCaller, askedAt: number) {
  return {
    scopes: scopes === null ? undefined : new Set(parseScope(scopes).filter(isScope)),
    tokensFrom: tokens_from ?? 0,
    trustedUntil: Math.min(askedAt + CREDENTIAL_CACHE_TTL_MS, valid_until),
  };
}

/** Returns the credentials whose last use is to be recorded. */
function listUses(row: ConfirmedCaller, { partnerId, clientId, isOwn }: AccessToken): Use[] {
  const { api_key_id, api_key_last_used_at, client_last_used_at } = row;
  return [
    { table: 'api_keys', partnerId, id: api_key_id, lastUsedAt: api_key_last_used_at },
    ...(isOwn
      ? [{ table: 'clients', partnerId, id: clientId, lastUsedAt: client_last_used_at } as const]
      : []),
  ];
}
