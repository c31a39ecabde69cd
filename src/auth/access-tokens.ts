import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { PartnerId } from '../db/partner-id.ts';
import type { Scope } from '../policy.ts';
import { isStrictJwt } from './compact-jwt.ts';
import { isScope, parseScope } from './scopes.ts';
import { ALGORITHM, type SigningKeys } from './signing-keys.ts';

/** The lifetime of an access token, in seconds. */
export const ACCESS_TOKEN_LIFETIME_S = 3600;

/** The `typ` header of a JWT access token (RFC 9068 §2.1). */
const TOKEN_TYPE = 'at+jwt';
/** The maximum length of an access token, in characters. This API issues shorter ones only. */
const MAX_TOKEN_LENGTH = 4096;

/** The claims of a token that this API issued. Times are seconds since 1970. */
const claims = z.object({
  client_id: z.string(),
  partner_id: z.int(),
  scope: z.string(),
  sub: z.string(),
  jti: z.string(),
  iat: z.int().positive(),
  exp: z.int().positive(),
});

/** A verified access token. */
export interface AccessToken {
  /** Whether this API issued the token, to a client in its own database. */
  readonly isOwn: boolean;
  readonly clientId: string;
  readonly partnerId: PartnerId;
  readonly scopes: ReadonlySet<Scope>;
  /** Milliseconds since 1970, in whole seconds; 0 for a token of another issuer. */
  readonly issuedAt: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The content of a new access token. */
export interface TokenGrant {
  readonly clientId: string;
  readonly partnerId: number;
  /** Space-delimited (RFC 6749 §3.3). */
  readonly scope: string;
  /** The `jti` claim. */
  readonly tokenId: string;
  /** The lifetime in seconds, at most and by default `ACCESS_TOKEN_LIFETIME_S`. */
  readonly lifetimeS?: number;
}

/**
 * Signs a JWT access token (RFC 9068).
 *
 * @param issuer the value of both `iss` and `aud`, because this API is issuer and audience of its tokens.
 * @param now milliseconds since 1970.
 * @returns the token in compact serialization (RFC 7515 §7.1).
 */
export function issueAccessToken(
  keys: SigningKeys,
  issuer: string,
  now: number,
  { clientId, partnerId, scope, tokenId, lifetimeS = ACCESS_TOKEN_LIFETIME_S }: TokenGrant,
): Promise<string> {
  const issuedAt = Math.floor(now / 1000);
  return new SignJWT({ client_id: clientId, partner_id: partnerId, scope })
    .setProtectedHeader({ alg: ALGORITHM, typ: TOKEN_TYPE, kid: keys.signer.kid })
    .setIssuer(issuer)
    .setAudience(issuer)
    .setSubject(clientId)
    .setJti(tokenId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + Math.min(Math.floor(lifetimeS), ACCESS_TOKEN_LIFETIME_S))
    .sign(keys.signer.key);
}

/**
 * Returns the `tokens_from` that revokes all tokens that a client holds now. The `iat` claim has a
 * resolution of one second, so the result is the start of the next second. The token endpoint never
 * issues a token with an earlier `iat` than `tokens_from`.
 *
 * @param now milliseconds since 1970.
 * @returns milliseconds since 1970, in whole seconds.
 */
export function tokensFromAfter(now: number): number {
  return now - (now % 1000) + 1000;
}

/** Returns the token that a payload describes; undefined if a claim is missing or has the wrong type. */
function toAccessToken(payload: JWTPayload): AccessToken | undefined {
  const { data } = claims.safeParse(payload);
  return (
    data && {
      isOwn: true,
      clientId: data.client_id,
      partnerId: data.partner_id as PartnerId,
      scopes: new Set(parseScope(data.scope).filter(isScope)),
      issuedAt: data.iat * 1000,
      expiresAt: data.exp * 1000,
    }
  );
}

/**
 * Verifies a JWT access token of this API (RFC 9068 §4) without a database query. It checks the
 * canonical encoding, the signature, `alg`, `typ` (case-insensitive, with or without `application/`:
 * RFC 7515 §4.1.9), `kid`, `iss`, `aud`, `exp`, `nbf` and the claims of this API. Keys that the token
 * embeds or links to are never used. Never throws.
 *
 * @param now milliseconds since 1970.
 * @returns the token; `expired` if the only fault is that `exp` has passed, so that a client that is
 * merely late does not count as an attacker; `invalid` for every other fault.
 */
export async function verifyAccessToken(
  keys: SigningKeys,
  issuer: string,
  now: number,
  token: string,
): Promise<AccessToken | 'expired' | 'invalid'> {
  if (!isStrictJwt(token, MAX_TOKEN_LENGTH)) {
    return 'invalid';
  }
  const options: JWTVerifyOptions = {
    algorithms: [ALGORITHM],
    typ: TOKEN_TYPE,
    issuer,
    audience: issuer,
    currentDate: new Date(now),
  };
  try {
    const { payload } = await jwtVerify(
      token,
      ({ kid }) => {
        const key = kid === undefined ? undefined : keys.verifiers.get(kid);
        if (key === undefined) {
          throw new Error('unknown kid');
        }
        return key;
      },
      options,
    );
    return toAccessToken(payload) ?? 'invalid';
  } catch (error) {
    // jose checks `exp` last, so a JWTExpired error means that all its other checks passed.
    const isExpired =
      error instanceof errors.JWTExpired && toAccessToken(error.payload) !== undefined;
    return isExpired ? 'expired' : 'invalid';
  }
}
