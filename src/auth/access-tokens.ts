import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Scope } from '../policy.ts';
import { isStrictJwt } from './compact-jwt.ts';
import { isScope, parseScope } from './scopes.ts';
import { ALGORITHM, type SigningKeys } from './signing-keys.ts';

/** Seconds that an access token is valid. */
export const ACCESS_TOKEN_LIFETIME = 3600;

/** The `typ` of a JWT access token (RFC 9068 §2.1). */
const TYPE = 'at+jwt';
/** Characters; no token of ours is longer. */
const MAX_LENGTH = 4096;

/** What a token of ours says. Times are seconds since 1970. */
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
  /** Issued by this API, to a client in its database. */
  readonly ours: boolean;
  readonly clientId: string;
  readonly partnerId: number;
  readonly scopes: ReadonlySet<Scope>;
  /** Milliseconds since 1970, to the second; 0 for one that is not ours. */
  readonly issuedAt: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface TokenGrant {
  readonly clientId: string;
  readonly partnerId: number;
  readonly scope: string;
  readonly tokenId: string;
  /** Seconds that the token is valid, if less than `ACCESS_TOKEN_LIFETIME`. */
  readonly lifetime?: number;
}

/**
 * Signs a JWT access token (RFC 9068).
 *
 * @param issuer both `iss` and `aud`: this API trusts and serves itself only.
 * @param now milliseconds since 1970.
 */
export function issueAccessToken(
  keys: SigningKeys,
  issuer: string,
  now: number,
  { clientId, partnerId, scope, tokenId, lifetime = ACCESS_TOKEN_LIFETIME }: TokenGrant,
): Promise<string> {
  const issuedAt = Math.floor(now / 1000);
  return new SignJWT({ client_id: clientId, partner_id: partnerId, scope })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: keys.signer.kid })
    .setIssuer(issuer)
    .setAudience(issuer)
    .setSubject(clientId)
    .setJti(tokenId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + Math.min(Math.floor(lifetime), ACCESS_TOKEN_LIFETIME))
    .sign(keys.signer.key);
}

/**
 * Returns the `tokens_from` that ends all present tokens of a client. Tokens state the second in which
 * they were issued, so it is the start of the next second; the token endpoint dates no token before it.
 *
 * @param now milliseconds since 1970.
 */
export function afterTokensOf(now: number): number {
  return now - (now % 1000) + 1000;
}

/** @returns undefined when a claim is missing or of another type. */
function accessTokenOf(payload: JWTPayload): AccessToken | undefined {
  const { data } = claims.safeParse(payload);
  return (
    data && {
      ours: true,
      clientId: data.client_id,
      partnerId: data.partner_id,
      scopes: new Set(parseScope(data.scope).filter(isScope)),
      issuedAt: data.iat * 1000,
      expiresAt: data.exp * 1000,
    }
  );
}

/**
 * Verifies a JWT access token (RFC 9068 §4) locally: its one spelling, signature, `alg`, `typ` (with
 * or without `application/`, in any case: RFC 7515 §4.1.9), `kid`, `iss`, `aud`, `exp`, `nbf` and our
 * own claims. Nothing that the token brings along or points to is used as a key. Never throws.
 *
 * @param now milliseconds since 1970.
 * @returns `expired` when nothing is wrong but that `exp` has passed, so that an honest client which
 * comes late is no attacker; `invalid` for any other fault, whichever it was. Callers are told the
 * same of both.
 */
export async function verifyAccessToken(
  keys: SigningKeys,
  issuer: string,
  now: number,
  token: string,
): Promise<AccessToken | 'expired' | 'invalid'> {
  if (!isStrictJwt(token, MAX_LENGTH)) {
    return 'invalid';
  }
  const options: JWTVerifyOptions = {
    algorithms: [ALGORITHM],
    typ: TYPE,
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
    return accessTokenOf(payload) ?? 'invalid';
  } catch (error) {
    // jose looks at exp after everything else.
    const isLate = error instanceof errors.JWTExpired && accessTokenOf(error.payload) !== undefined;
    return isLate ? 'expired' : 'invalid';
  }
}
