import type { Context } from 'hono';
import { type Config, oncePerConfig, signingKeysOf } from '../config.ts';
import type { AppEnv, Principal } from '../context.ts';
import { Problem } from '../problems/problem.ts';
import { type AccessToken, verifyAccessToken } from './access-tokens.ts';
import { unverifiedIssuer } from './compact-jwt.ts';
import { type FoundCredentials, findCredentials } from './credentials.repository.ts';
import { ExpiringMap } from './expiring-map.ts';
import { noteUse } from './last-use.ts';
import * as refusals from './refusals.ts';
import { isScope, ON_REQUEST_ONLY, parseScope, type Scope } from './scopes.ts';
import { isWellFormedApiKey, sha256 } from './secrets.ts';
import { TrustedIssuers } from './trusted-issuers.ts';

const trustedIssuersOf = oncePerConfig(({ trustedIssuers }) => new TrustedIssuers(trustedIssuers));

/** How long this isolate believes what D1 said of a key or client, in milliseconds. */
const TRUST = 60_000;
/** Enough for every client that one isolate meets; each entry is about a kilobyte. */
const CAPACITY = 2000;

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
  /** Until when it may be believed, milliseconds since 1970. */
  readonly until: number;
}

/** Who was proven by some headers. */
interface Proven {
  readonly principal: Principal;
  /** What proved them. */
  readonly config: Config;
  /** Until when that may be believed, milliseconds since 1970. */
  readonly until: number;
}

/** Proves who calls; owned by the app, so that what it remembers lives as long as the isolate. */
export class Authenticator {
  /** Who was proven, by their very headers, for as long as the token is valid. */
  readonly #proven = new ExpiringMap<Proven>(CAPACITY);
  /** Pairs of key and client: a new token of the same client needs no D1 call. */
  readonly #pairs = new ExpiringMap<Pair>(CAPACITY);

  /** Who calls, if the same headers were proven within the last minute. */
  known(c: Context<AppEnv>): Principal | undefined {
    const proven = this.#provenBy(c);
    return proven && proven.until > c.get('dependencies').now() ? proven.principal : undefined;
  }

  /** Whether the same headers were proven before, however long ago, and not refused since. */
  wasProven(c: Context<AppEnv>): boolean {
    return this.#provenBy(c) !== undefined;
  }

  #provenBy(c: Context<AppEnv>): Proven | undefined {
    const proven = this.#proven.get(proofOf(c), c.get('dependencies').now());
    // An isolate may outlive a change of its bindings: what other keys verified proves nothing.
    return proven?.config === c.get('config') ? proven : undefined;
  }

  /**
   * Checks both credentials of a request, the token first and locally, then the key.
   *
   * @throws Problem `unauthorized` (RFC 6750 §3), or `forbidden` for credentials of two partners;
   * `WrongCredential` where one was sent that is wrong.
   */
  async prove(c: Context<AppEnv>): Promise<Principal> {
    try {
      return await this.#prove(c);
    } catch (error) {
      if (error instanceof Problem) {
        this.#proven.delete(proofOf(c));
      }
      throw error;
    }
  }

  async #prove(c: Context<AppEnv>): Promise<Principal> {
    const token = await this.#verified(c, refusals.bearerToken(c));
    const pair = await this.#pair(c, token);
    const { partnerId, apiKeyId, apiKeySha256, scopes, tokensFrom, until } = pair;
    if (partnerId !== token.partnerId) {
      throw refusals.twoPartners();
    }
    if (token.issuedAt < tokensFrom) {
      throw refusals.wrongToken(c);
    }
    const principal = {
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
    const proven = { principal, config: c.get('config'), until };
    this.#proven.set(proofOf(c), proven, token.expiresAt);
    return principal;
  }

  async #verified(c: Context<AppEnv>, text: string): Promise<AccessToken> {
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

  async #pair(c: Context<AppEnv>, token: AccessToken): Promise<Pair> {
    const key = refusals.apiKey(c);
    const now = c.get('dependencies').now();
    const name = nameOf(key, token);
    const known = mustAsk(c.get('policy')?.scope) ? undefined : this.#pairs.get(name, now);
    if (known !== undefined) {
      return known;
    }
    if (!isWellFormedApiKey(key)) {
      throw refusals.wrongKey(c);
    }
    const { partnerId } = token;
    const clientId = token.ours ? token.clientId : null;
    const keySha256 = await sha256(key);
    const found = await findCredentials(c.get('db'), { keySha256, clientId, partnerId, now });
    if (found === undefined) {
      throw refusals.wrongKey(c);
    }
    if (
      found === 'disabled' ||
      (token.ours && found.partner_id === partnerId && found.client_id === null)
    ) {
      throw refusals.wrongToken(c);
    }
    const pair = asPair(found, keySha256, now);
    this.#pairs.set(name, pair, pair.until);
    if (pair.partnerId === partnerId) {
      noteUse(c, usesOf(found));
    }
    return pair;
  }
}

/**
 * Whether an operation of this scope asks D1, whatever is remembered: credentials that were just
 * revoked must not have a minute in which they can undo it, or make others.
 */
export function mustAsk(scope: Scope | null | undefined): boolean {
  return scope != null && ON_REQUEST_ONLY.includes(scope);
}

function proofOf(c: Context<AppEnv>): string {
  // No header holds a line break.
  return `${c.req.header('authorization')}\n${c.req.header('x-api-key')}`;
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
    until: Math.min(now + TRUST, found.valid_until),
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
