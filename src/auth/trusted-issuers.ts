import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import type { AccessToken } from './access-tokens.ts';
import { isStrictJwt } from './compact-jwt.ts';
import { type Claims, describeClient, mapScopes, resolvePartner } from './issuer-claims.ts';
import { type IssuerSettings, issuerSettings } from './issuer-settings.ts';
import { KeySet } from './key-set.ts';
import { RemoteDocument, type RemoteIo } from './remote-document.ts';

/**
 * The maximum length of a token of an external issuer, in characters. A longer token is rejected before
 * it is decoded.
 */
const MAX_TOKEN_LENGTH = 8192;

/**
 * The maximum time until a token of an external issuer expires, in seconds: one day, which is the
 * default of a large provider. This API cannot revoke such a token, so only its expiry limits the use of
 * a stolen one.
 */
const MAX_REMAINING_LIFETIME_S = 86_400;
/** How far the clock of a provider can be ahead, in seconds. */
const CLOCK_TOLERANCE_S = 60;

/** The settings of all external identity providers that the operator trusts. */
export const trustedIssuers = z
  .array(issuerSettings)
  .max(20)
  // With two entries for one issuer, one could accept a token that the other rejects.
  .refine((list) => new Set(list.map(({ issuer }) => issuer)).size === list.length);

/** A header with `crit` is rejected, because this API supports no extension (RFC 7515 §4.1.11). */
const joseHeader = z.object({
  alg: z.string(),
  kid: z.string().optional(),
  typ: z.string().optional(),
  crit: z.never().optional(),
});

type Header = z.infer<typeof joseHeader>;

interface Issuer {
  readonly settings: IssuerSettings;
  readonly keys: RemoteDocument<KeySet>;
}

/** Returns the unverified header and claims of a token; undefined unless it is a strict JWT. */
function decode(token: string): { header: Header; claims: Claims } | undefined {
  if (!isStrictJwt(token, MAX_TOKEN_LENGTH)) {
    return undefined;
  }
  try {
    return {
      header: joseHeader.parse(decodeProtectedHeader(token)),
      claims: decodeJwt(token),
    };
  } catch {
    return undefined;
  }
}

/**
 * Returns whether the settings allow `alg` and `typ`. The latter is a media type, so it is
 * case-insensitive, with or without `application/` (RFC 7515 §4.1.9).
 */
function isHeaderAllowed({ algorithms, type }: IssuerSettings, { alg, typ }: Header): boolean {
  return (
    (algorithms as readonly string[]).includes(alg) &&
    (typ === undefined
      ? type === 'JWT'
      : typ.toLowerCase().replace(/^application\//, '') === type.toLowerCase())
  );
}

/** Returns whether `exp` is too far in the future. A token without `exp` is rejected by `jwtVerify`. */
function expiresTooLate({ exp }: Claims, now: number): boolean {
  return typeof exp === 'number' && exp > now / 1000 + MAX_REMAINING_LIFETIME_S + CLOCK_TOLERANCE_S;
}

/** Verifies access tokens of external identity providers, each with the keys of its issuer. */
export class TrustedIssuers {
  readonly #issuers: ReadonlyMap<unknown, Issuer>;

  constructor(list: readonly IssuerSettings[]) {
    this.#issuers = new Map(
      list.map((settings) => [
        settings.issuer,
        {
          settings,
          keys: new RemoteDocument({
            url: settings.jwks_uri,
            parse: (json) => new KeySet(json),
            accept: 'application/jwk-set+json, application/json',
          }),
        },
      ]),
    );
  }

  /** Returns whether the operator trusts an issuer. */
  trusts(issuer: string): boolean {
    return this.#issuers.has(issuer);
  }

  /**
   * Verifies an access token of an external issuer (RFC 9068 §4, RFC 8725). It checks the signature,
   * `alg`, `typ`, `kid`, `iss`, `aud`, `exp` (at most one day from now) and `nbf`, and that the issuer
   * can act for the partner. Keys are fetched last, so a token that is rejected for its form, header,
   * issuer or partner causes no fetch.
   *
   * @returns the token; `expired` if the only fault is that `exp` has passed; `invalid` for every other
   * fault.
   * @throws RemoteUnavailable if the keys of the issuer cannot be fetched.
   */
  async verify(token: string, io: RemoteIo): Promise<AccessToken | 'expired' | 'invalid'> {
    const decoded = decode(token);
    const issuer = this.#issuers.get(decoded?.claims.iss);
    if (
      decoded === undefined ||
      issuer === undefined ||
      !isHeaderAllowed(issuer.settings, decoded.header)
    ) {
      return 'invalid';
    }
    const { settings } = issuer;
    const { header, claims } = decoded;
    const partnerId = resolvePartner(settings, claims);
    if (partnerId === undefined || expiresTooLate(claims, io.now())) {
      return 'invalid';
    }
    const keys = await issuer.keys.get(io, (set) => set.has(header.kid));
    try {
      const { payload } = await jwtVerify(token, (verifying) => keys.keyFor(verifying), {
        algorithms: settings.algorithms,
        issuer: settings.issuer,
        audience: settings.audience,
        currentDate: new Date(io.now()),
        requiredClaims: ['exp'],
      });
      return {
        isOwn: false,
        clientId: describeClient(settings, claims),
        partnerId,
        scopes: mapScopes(settings, claims),
        issuedAt: 0,
        expiresAt: z.number().parse((payload.exp as number) * 1000),
      };
    } catch (error) {
      return error instanceof errors.JWTExpired ? 'expired' : 'invalid';
    }
  }
}
