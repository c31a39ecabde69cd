import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose';
import { z } from 'zod';

/** The only algorithm with which this API signs its tokens and verifies them (RFC 7518 §3.4). */
export const ALGORITHM = 'ES256';

const base64url = z.string().regex(/^[\w-]{43}$/);

/** A private P-256 key as a JWK (RFC 7518 §6.2): the value of `SIGNING_KEY_A` and of `SIGNING_KEY_B`. */
export const privateKey = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  kid: z.string().min(1).max(128),
  x: base64url,
  y: base64url,
  d: base64url,
});

/** A validated private key. */
export type PrivateKey = z.infer<typeof privateKey>;

/** Private keys with distinct `kid`s. The first one signs; all of them verify. */
export interface PrivateKeySet {
  readonly keys: readonly [PrivateKey, ...PrivateKey[]];
}

/** Signals a private key that has the right form but that Web Crypto rejects. */
export class UnusableKey extends Error {
  override readonly name = 'UnusableKey';
  readonly kid: string;

  constructor(kid: string) {
    super(
      'the public half of a signing key is not on its curve, or does not match the private half',
    );
    this.kid = kid;
  }
}

/** Returns the public half of a key as the JWKS endpoint publishes it (RFC 7517 §4). */
export function publicKey({ kid, x, y }: PrivateKey) {
  return { kty: 'EC', crv: 'P-256', kid, x, y, alg: ALGORITHM, use: 'sig' } as const;
}

/** The imported keys of this API. */
export interface SigningKeys {
  /** The key that signs new tokens. */
  readonly signer: { readonly kid: string; readonly key: CryptoKey };
  /** The keys that verify tokens, by `kid`. */
  readonly verifiers: ReadonlyMap<string, CryptoKey>;
}

/**
 * Imports both halves of a key. This also applies to a key that only verifies now, so that a fault is
 * found before the key has to sign.
 */
async function importKey(key: PrivateKey) {
  const halves = [{ ...key }, publicKey(key)];
  try {
    const [signer, verifier] = await Promise.all(halves.map((half) => importJWK(half, ALGORITHM)));
    return { kid: key.kid, signer: signer as CryptoKey, verifier: verifier as CryptoKey };
  } catch {
    throw new UnusableKey(key.kid);
  }
}

/**
 * Imports a key set into Web Crypto. This is slow, so it is done once per configuration.
 *
 * @throws UnusableKey if Web Crypto rejects a key.
 */
export async function importSigningKeys({ keys }: PrivateKeySet): Promise<SigningKeys> {
  const [first, ...others] = keys;
  const signing = await importKey(first);
  const imported = [signing, ...(await Promise.all(others.map(importKey)))];
  return {
    signer: { kid: signing.kid, key: signing.signer },
    verifiers: new Map(imported.map(({ kid, verifier }) => [kid, verifier])),
  };
}

/** Returns a new private key whose `kid` is its thumbprint (RFC 7638). */
export async function newSigningKey(): Promise<PrivateKey> {
  const pair = await generateKeyPair(ALGORITHM, { extractable: true });
  const jwk = await exportJWK(pair.privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk) } as PrivateKey;
}
