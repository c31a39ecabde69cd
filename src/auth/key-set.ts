import { createLocalJWKSet, type JWTHeaderParameters } from 'jose';
import { z } from 'zod';

const MAX_KEYS = 50;

/** Members that decide whether a key may verify; what is not named here is dropped. */
const shared = {
  kid: z.string().optional(),
  alg: z.string().optional(),
  use: z.literal('sig').optional(),
  key_ops: z
    .array(z.string())
    .refine((operations) => operations.includes('verify'))
    .optional(),
  /** A private key that someone published can sign for anyone: nothing it signed is trusted. */
  d: z.never().optional(),
};

const base64url = z.string().regex(/^[\w-]+$/);

/** Public keys (RFC 7518 §6, RFC 8037 §2). A symmetric one is none. */
const publicKey = z.discriminatedUnion('kty', [
  // 256 bytes, the 2048 bits of RFC 7518 §3.3, take 342 characters.
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

const document = z.object({ keys: z.array(z.unknown()).max(MAX_KEYS) });

/** The keys of a JWK set (RFC 7517 §5) that may verify signatures. */
export class KeySet {
  readonly #ids: readonly (string | undefined)[];
  readonly #find: ReturnType<typeof createLocalJWKSet>;

  /**
   * @param json a JWK set of 50 keys at most. Keys that cannot or must not verify (symmetric, private,
   * for encryption, RSA below 2048 bits, of a kind that we do not know) are ignored, as §5 asks for.
   * @throws ZodError for anything else.
   */
  constructor(json: unknown) {
    const keys = document.parse(json).keys.flatMap((key) => publicKey.safeParse(key).data ?? []);
    this.#ids = keys.map(({ kid }) => kid);
    this.#find = createLocalJWKSet({ keys });
  }

  /** Whether a key has this id; without an id, whether there is one key only. */
  has(kid: string | undefined): boolean {
    return kid === undefined ? this.#ids.length === 1 : this.#ids.includes(kid);
  }

  /**
   * The one key that a JWS header means by its `kid`, and that fits its `alg`.
   *
   * @throws Error when there is none, or more than one.
   */
  async keyFor(header: JWTHeaderParameters): Promise<CryptoKey> {
    if (!this.has(header.kid)) {
      throw new Error('no key of this id');
    }
    return this.#find(header);
  }
}
