import type { Context } from 'hono';
import { type Config, oncePerConfig, signingKeysOf } from '../config.ts';
import type { AppEnv, Principal } from '../context.ts';
import type { Scope } from '../policy.ts';
import { type AccessToken, verifyAccessToken } from './access-tokens.ts';
import { unverifiedIssuer } from './compact-jwt.ts';
import { type FoundCredentials, findCredentials } from './credentials.repository.ts';
import { ExpiringMap } from './expiring-map.ts';
import { noteUse } from './last-use.ts';
import * as refusals from './refusals.ts';
import { isScope, ON_REQUEST_ONLY, parseScope } from './scopes.ts';
import { isWellFormedApiKey, sha256 } from './secrets.ts';
import { TrustedIssuers } from './trusted-issuers.ts';

const trustedIssuersOf = oncePerConfig(({ trustedIssuers }) => new TrustedIssuers(trustedIssuers));

/** How long this isolate trusts what D1 said of an API key and a client. */
const CREDENTIAL_CACHE_TTL_MS = 60_000;
/** How long a key and a client that D1 confirmed are taken for no guess, though they are looked up. */
const RIGHT_LATELY_MS = 3_600_000;
/** Enough for every client that one isolate meets; each entry is about a kilobyte. */
const CAPACITY = 2000;

/** A token that was verified, by its text. */
interface Verified {
  readonly token: AccessToken;
  /** Whose keys verified it: an isolate may outlive a change of its bindings. */
  readonly config: Config;
}

/** What D1 confirmed of an API key and the client that it came with. */
interface Pair {
  readonly partnerId: number;
  readonly apiKeyId: string;
  /** SHA-256 of the API key, in hex. */
  readonly apiKeySha256: string;
  /** What the client may do now; undefined for one of another issuer. */
  readonly scopes: ReadonlySet<Scope> | undefined;
  /** Tokens that were issued earlier are refused, milliseconds since 1970. */
  readonly tokensFrom: number;
  /** Until when it may be trusted, milliseconds since 1970. */
  readonly until: number;
}

/**
 * Authenticates requests, in two steps between which they are counted: the token is verified locally,
 * the pair of API key and client is looked up in D1. The app owns it, so that what it remembers lives
 * as long as the isolate. It remembers tokens and keys and not the headers around them, so that
 * another spelling of the same credentials is nothing new.
 */
export class Authenticator {
  /** Tokens that were verified, until they expire. */
  readonly #tokens = new ExpiringMap<Verified>(CAPACITY);
  /** Pairs of key and client, by their names: a new token of the same client needs no D1 call. */
  readonly #pairs = new ExpiringMap<Pair>(CAPACITY);

  /**
   * Verifies the access token of a request, without D1.
   *
   * @throws Problem `credentialsMissing`, `tokenExpired` or `tokenInvalid`; RemoteUnavailable when the
   * keys of an external issuer cannot be had.
   */
  async verifyToken(c: Context<AppEnv>): Promise<AccessToken> {
    const text = refusals.bearerToken(c);
    const config = c.get('config');
    const known = this.#tokens.get(text, c.get('dependencies').now());
    if (known?.config === config) {
      return known.token;
    }
    const token = await verify(c, text);
    this.#tokens.set(text, { token, config }, token.expiresAt);
    return token;
  }

  /** Whether D1 confirmed the same API key and client within the hour, and has not refused them since. */
  wasRight(c: Context<AppEnv>, token: AccessToken): boolean {
    const name = nameOf(refusals.apiKey(c), token);
    return this.#pairs.get(name, c.get('dependencies').now())?.partnerId === token.partnerId;
  }

  /**
   * Resolves a verified token and the API key of a request to the principal.
   *
   * @throws Problem `credentialsMissing`, `apiKeyInvalid`, `tokenInvalid` for a token whose client may
   * not use it any more, or `partnerMismatch`.
   */
  async authenticate(c: Context<AppEnv>, token: AccessToken): Promise<Principal> {
    const pair = await this.#pair(c, token);
    const { partnerId, apiKeyId, apiKeySha256, scopes, tokensFrom } = pair;
    if (partnerId !== token.partnerId) {
      throw refusals.twoPartners();
    }
    if (token.issuedAt < tokensFrom) {
      throw refusals.wrongToken(c);
    }
    return {
      partnerId,
      clientId: token.clientId,
      apiKeyId,
      apiKeySha256,
      tokenIssuedAt: token.ours ? token.issuedAt : null,
      scopes:
        scopes === undefined
          ? token.scopes
          : new Set([...token.scopes].filter((scope) => scopes.has(scope))),
    };
  }

  /** The pair as it is trusted, or else as D1 confirms it now; one that D1 refuses is forgotten. */
  async #pair(c: Context<AppEnv>, token: AccessToken): Promise<Pair> {
    const key = refusals.apiKey(c);
    const now = c.get('dependencies').now();
    const name = nameOf(key, token);
    const known = this.#pairs.get(name, now);
    if (known !== undefined && known.until > now && !requiresFreshLookup(c.get('policy')?.scope)) {
      return known;
    }
    const keySha256 = await sha256(key);
    const found = isWellFormedApiKey(key) ? await lookUp(c, keySha256, token) : 'wrong-key';
    if (typeof found === 'string') {
      this.#pairs.delete(name);
      throw found === 'wrong-key' ? refusals.wrongKey(c) : refusals.wrongToken(c);
    }
    const pair = asPair(found, keySha256, now);
    this.#pairs.set(name, pair, now + RIGHT_LATELY_MS);
    if (pair.partnerId === token.partnerId) {
      noteUse(c, usesOf(found));
    }
    return pair;
  }
}

/**
 * Whether an operation of this scope bypasses the cache: credentials that were just revoked must not
 * have a minute in which they can undo it, or make others.
 */
export function requiresFreshLookup(scope: Scope | null | undefined): boolean {
  return scope != null && ON_REQUEST_ONLY.includes(scope);
}

/** Verifies a token with our keys or with those of its issuer. @throws Problem as `verifyToken` says. */
async function verify(c: Context<AppEnv>, text: string): Promise<AccessToken> {
  const { config, dependencies } = c.var;
  const trusted = trustedIssuersOf(config);
  const issuer = unverifiedIssuer(text);
  const token =
    issuer !== undefined && trusted.knows(issuer)
      ? await trusted.verify(text, dependencies)
      : await verifyAccessToken(
          await signingKeysOf(config),
          config.issuer,
          dependencies.now(),
          text,
        );
  if (typeof token === 'string') {
    throw token === 'expired' ? refusals.expiredToken(c) : refusals.wrongToken(c);
  }
  return token;
}

/** Looks up an API key and the client of a token. */
async function lookUp(
  c: Context<AppEnv>,
  keySha256: string,
  { ours, clientId, partnerId }: AccessToken,
): Promise<FoundCredentials | 'wrong-key' | 'wrong-client'> {
  const found = await findCredentials(c.get('db'), {
    keySha256,
    clientId: ours ? clientId : null,
    partnerId,
    now: c.get('dependencies').now(),
  });
  if (found === undefined) {
    return 'wrong-key';
  }
  if (found === 'disabled') {
    return 'wrong-client';
  }
  const isUnknownClient = ours && found.partner_id === partnerId && found.client_id === null;
  return isUnknownClient ? 'wrong-client' : found;
}

/**
 * One name for each pair. Clients of other issuers are called what these like, and a header may hold
 * spaces: only a line break tells where the key ends.
 */
function nameOf(key: string, { clientId, partnerId }: AccessToken): string {
  return `${key}\n${partnerId} ${clientId}`;
}

function asPair(found: FoundCredentials, apiKeySha256: string, now: number): Pair {
  const { partner_id: partnerId, api_key_id: apiKeyId, scopes } = found;
  return {
    partnerId,
    apiKeyId,
    apiKeySha256,
    scopes: scopes === null ? undefined : new Set(parseScope(scopes).filter(isScope)),
    tokensFrom: found.tokens_from ?? 0,
    until: Math.min(now + CREDENTIAL_CACHE_TTL_MS, found.valid_until),
  };
}

function usesOf({ api_key_id, api_key_last_used_at, ...found }: FoundCredentials) {
  return [
    { table: 'api_keys', id: api_key_id, lastUsedAt: api_key_last_used_at } as const,
    ...(found.client_id === null
      ? []
      : [
          { table: 'clients', id: found.client_id, lastUsedAt: found.client_last_used_at } as const,
        ]),
  ];
}
