import { z } from 'zod';
import type { Scope } from '../policy.ts';
import { scopes } from './scopes.ts';

const scope = z.enum(Object.keys(scopes) as [Scope, ...Scope[]]);

const algorithm = z.enum([
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
]);

/**
 * The settings that say how tokens of one external identity provider are verified and mapped. Unknown
 * members are rejected, so that a misspelled setting is not silently ignored.
 */
export const issuerSettings = z.strictObject({
  /** The exact `iss` of the provider's tokens. */
  issuer: z.url({ protocol: /^https?$/ }),
  /** The identifier of this API at the provider. `aud` must equal or contain it. */
  audience: z.string().min(1),
  /**
   * The URL of the provider's JWK set. It must be https, except on this machine, because an attacker in
   * the network could replace keys that are fetched over http.
   */
  jwks_uri: z.union([
    z.url({ protocol: /^https$/ }),
    z.url({ protocol: /^http$/, hostname: /^(?:localhost|127\.0\.0\.1)$/ }),
  ]),
  /** The name of the claim, a string or an integer, that identifies the organisation of the client. */
  partner_claim: z.string().min(1),
  /**
   * The partner id for each value of that claim. The provider can act for these partners only, so the
   * provider of one partner can never act for another partner.
   */
  partners: z.record(z.string(), z.int().min(1)),
  /** The scopes of this API that each scope of the provider grants. Other scopes grant nothing. */
  scopes: z.record(
    z.string(),
    z
      .union([scope, z.array(scope)])
      .transform((own): readonly Scope[] => (typeof own === 'string' ? [own] : own)),
  ),
  /** The name of the claim that holds the scopes: a space-delimited string or an array of strings. */
  scope_claim: z.string().min(1).default('scope'),
  algorithms: z.array(algorithm).min(1).default(['RS256', 'ES256']),
  /**
   * The `typ` of the provider's access tokens (RFC 9068 §2.1). `JWT` suits a provider that does not set
   * `at+jwt`, and also accepts tokens without `typ`; then only the audience distinguishes an access
   * token from an ID token.
   */
  type: z.enum(['at+jwt', 'JWT']).default('at+jwt'),
});

export type IssuerSettings = z.infer<typeof issuerSettings>;
