import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import type { AccessToken } from './access-tokens.ts';
import { isStrictJwt } from './compact-jwt.ts';
import { type Claims, clientOf, partnerOf, scopesOf } from './issuer-claims.ts';
import { type IssuerSettings, issuerSettings } from './issuer-settings.ts';
import { KeySet } from './key-set.ts';
import { RemoteDocument, type RemoteIo } from './remote-document.ts';

/** Tokens of others are longer than ours; a longer one is refused before anything is computed. */
const MAX_LENGTH = 8192;

/**
 * Seconds from now in which a token of others must end: a day, the default of a large provider. Nobody
 * here can revoke one, so that only its end limits what a stolen one does.
 */
const MAX_LIFETIME_S = 86_400;
/** Seconds that the clock of a provider may be ahead. */
const CLOCK_TOLERANCE_S = 60;

/** The external identity providers that the operator trusts. */
export const trustedIssuers = z
  .array(issuerSettings)
  .max(20)
  // Of two with one name, one would accept what the other refuses.
  .refine((list) => new Set(list.map(({ issuer }) => issuer)).size === list.length);

/** No extension is known here, so that a critical one refuses the token (RFC 7515 §4.1.11). */
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

/** What a token says of itself, unverified; undefined for what is no strict JWT. */
function read(token: string): { header: Header; claims: Claims } | undefined {
  if (!isStrictJwt(token, MAX_LENGTH)) {
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

/** `typ` is a media type: case-insensitive, with or without its prefix (RFC 7515 §4.1.9). */
function accepts({ algorithms, type }: IssuerSettings, { alg, typ }: Header): boolean {
  return (
    (algorithms as readonly string[]).includes(alg) &&
    (typ === undefined
      ? type === 'JWT'
      : typ.toLowerCase().replace(/^application\//, '') === type.toLowerCase())
  );
}

/** Whether a token ends later than it may; one without an end is refused elsewhere. */
function livesTooLong({ exp }: Claims, now: number): boolean {
  return typeof exp === 'number' && exp > now / 1000 + MAX_LIFETIME_S + CLOCK_TOLERANCE_S;
}

/** Verifies access tokens of external identity providers, each with the keys of its own issuer. */
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

  /** Whether tokens with this `iss` can be verified here. */
  knows(issuer: string): boolean {
    return this.#issuers.has(issuer);
  }

  /**
   * Verifies an access token (RFC 9068 §4; RFC 8725): signature, `alg`, `typ`, `kid`, `iss`, `aud`,
   * `exp` (a day from now at most) and `nbf`, and that its issuer may speak for the partner. Keys are asked for last, so that a
   * token which is refused for its form, header, issuer or partner costs no fetch.
   *
   * @returns `expired` when only `exp` is wrong, `invalid` for any other fault.
   * @throws RemoteUnavailable when the keys of the issuer cannot be had.
   */
  async verify(token: string, io: RemoteIo): Promise<AccessToken | 'expired' | 'invalid'> {
    const said = read(token);
    const issuer = this.#issuers.get(said?.claims.iss);
    if (said === undefined || issuer === undefined || !accepts(issuer.settings, said.header)) {
      return 'invalid';
    }
    const { settings } = issuer;
    const { header, claims } = said;
    const partnerId = partnerOf(settings, claims);
    if (partnerId === undefined || livesTooLong(claims, io.now())) {
      return 'invalid';
    }
    const keys = await issuer.keys.get(io, (set) => set.has(header.kid));
    try {
      const { payload } = await jwtVerify(token, (found) => keys.keyFor(found), {
        algorithms: settings.algorithms,
        issuer: settings.issuer,
        audience: settings.audience,
        currentDate: new Date(io.now()),
        requiredClaims: ['exp'],
      });
      return {
        ours: false,
        clientId: clientOf(settings, claims),
        partnerId,
        scopes: scopesOf(settings, claims),
        issuedAt: 0,
        expiresAt: z.number().parse((payload.exp as number) * 1000),
      };
    } catch (error) {
      return error instanceof errors.JWTExpired ? 'expired' : 'invalid';
    }
  }
}
