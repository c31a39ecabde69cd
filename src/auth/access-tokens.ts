import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { isScope, parseScope, type Scope } from './scopes.ts';
import { ALGORITHM, type SigningKeys } from './signing-keys.ts';

/** Seconds that an access token is valid. */
export const ACCESS_TOKEN_LIFETIME = 3600;

/** The `typ` of a JWT access token (RFC 9068 §2.1). */
const TYPE = 'at+jwt';
/** No token of ours is longer; a longer one is refused before anything is computed. */
const MAX_LENGTH = 4096;

/** What a token of ours says. Times are seconds since 1970. */
const claims = z.object({
  client_id: z.string(),
  partner_id: z.int(),
  scope: z.string(),
  exp: z.int(),
});

/** A verified access token. */
export interface AccessToken {
  readonly clientId: string;
  readonly partnerId: number;
  readonly scopes: ReadonlySet<Scope>;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface TokenGrant {
  readonly clientId: string;
  readonly partnerId: number;
  readonly scope: string;
  readonly tokenId: string;
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
  { clientId, partnerId, scope, tokenId }: TokenGrant,
): Promise<string> {
  const issuedAt = Math.floor(now / 1000);
  return new SignJWT({ client_id: clientId, partner_id: partnerId, scope })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: keys.signer.kid })
    .setIssuer(issuer)
    .setAudience(issuer)
    .setSubject(clientId)
    .setJti(tokenId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + ACCESS_TOKEN_LIFETIME)
    .sign(keys.signer.key);
}

/**
 * Verifies a JWT access token (RFC 9068 §4) locally: signature, `alg`, `typ`, `kid`, `iss`, `aud`,
 * `exp` and `nbf`.
 *
 * @param now milliseconds since 1970.
 * @returns undefined for any fault; which one it was is nobody's business.
 */
export async function verifyAccessToken(
  keys: SigningKeys,
  issuer: string,
  now: number,
  token: string,
): Promise<AccessToken | undefined> {
  if (token.length > MAX_LENGTH) {
    return undefined;
  }
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
      {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer,
        audience: issuer,
        currentDate: new Date(now),
        requiredClaims: ['exp', 'iat', 'sub', 'jti'],
      },
    );
    const { client_id, partner_id, scope, exp } = claims.parse(payload);
    return {
      clientId: client_id,
      partnerId: partner_id,
      scopes: new Set(parseScope(scope).filter(isScope)),
      expiresAt: exp * 1000,
    };
  } catch {
    return undefined;
  }
}
