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
 * How the tokens of one external identity provider are verified and read. Strict: a member with a typo
 * must not be lost.
 */
export const issuerSettings = z.strictObject({
  /** Its `iss`, compared character by character. */
  issuer: z.url({ protocol: /^https?$/ }),
  /** What `aud` must be or contain: the name that this API has there. */
  audience: z.string().min(1),
  /** Where its JWK set is. Keys that came over plain http could be anyone's. */
  jwks_uri: z.union([
    z.url({ protocol: /^https$/ }),
    z.url({ protocol: /^http$/, hostname: /^(?:localhost|127\.0\.0\.1)$/ }),
  ]),
  /** The claim, a string or an integer, that says for which organisation a client acts. */
  partner_claim: z.string().min(1),
  /**
   * Our partner of each value of that claim. The provider speaks for these and for no others, so that
   * one partner's provider can never name another partner.
   */
  partners: z.record(z.string(), z.int().min(1)),
  /** Which of our scopes each of its scopes stands for; others mean nothing here. */
  scopes: z.record(
    z.string(),
    z
      .union([scope, z.array(scope)])
      .transform((ours): readonly Scope[] => (typeof ours === 'string' ? [ours] : ours)),
  ),
  /** The claim with its scopes: a space-delimited string, or an array of strings. */
  scope_claim: z.string().min(1).default('scope'),
  algorithms: z.array(algorithm).min(1).default(['RS256', 'ES256']),
  /**
   * The `typ` of its access tokens (RFC 9068 §2.1). `JWT` is for a provider that does not set it, and
   * takes tokens without one too; then only the audience tells an access token from an ID token.
   */
  type: z.enum(['at+jwt', 'JWT']).default('at+jwt'),
});

export type IssuerSettings = z.infer<typeof issuerSettings>;
