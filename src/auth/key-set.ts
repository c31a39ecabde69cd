import { createLocalJWKSet, type JWTHeaderParameters } from 'jose';
import { z } from 'zod';

/** The maximum number of keys in a JWK set. */
const MAX_KEYS = 50;

/** The members that decide whether a key may verify signatures. All other members are dropped. */
const shared = {
  kid: z.string().optional(),
  alg: z.string().optional(),
  use: z.literal('sig').optional(),
  key_ops: z
    .array(z.string())
    .refine((operations) => operations.includes('verify'))
    .optional(),
  /** Rejects a published private key, because anyone could have signed with it. */
  d: z.never().optional(),
};

const base64url = z.string().regex(/^[\w-]+$/);

/** An asymmetric public key (RFC 7518 §6, RFC 8037 §2). */
const publicKey = z.discriminatedUnion('kty', [
  // RFC 7518 §3.3 requires 2048 bits; these 256 bytes take 342 characters in base64url.
  z.object({ ...shared, kty: z.literal('RSA'), n: base64url.min(342), e: base64url }),
  z.object({
    ...shared,
    kty: z.literal('EC'),
    crv: z.enum(['P-256', 'P-384', 'P-521']),
    x: base64url,
    y: base64url,
  }),
  z.object({ ...shared, kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: base64url }),
]);

const jwkSet = z.object({ keys: z.array(z.unknown()).max(MAX_KEYS) });

/** The keys of a JWK set (RFC 7517 §5) that may verify signatures. */
export class KeySet {
  readonly #ids: readonly (string | undefined)[];
  readonly #find: ReturnType<typeof createLocalJWKSet>;

  /**
   * @param json a JWK set of at most 50 keys. Keys that must not be used (symmetric, private, for
   * encryption, RSA below 2048 bits, or of an unknown type) are ignored, as RFC 7517 §5 recommends.
   * @throws ZodError for any other value.
   */
  constructor(json: unknown) {
    const keys = jwkSet.parse(json).keys.flatMap((key) => publicKey.safeParse(key).data ?? []);
    this.#ids = keys.map(({ kid }) => kid);
    this.#find = createLocalJWKSet({ keys });
  }

  /**
   * Returns whether a key has this id; for a token without `kid`, whether the set has exactly one key.
   */
  has(kid: string | undefined): boolean {
    return kid === undefined ? this.#ids.length === 1 : this.#ids.includes(kid);
  }

  /**
   * Returns the key that matches the `kid` and `alg` of a JWS header.
   *
   * @throws Error if no key or more than one key matches.
   */
  async keyFor(header: JWTHeaderParameters): Promise<CryptoKey> {
    if (!this.has(header.kid)) {
      throw new Error('no key has this id');
    }
    return this.#find(header);
  }
}
