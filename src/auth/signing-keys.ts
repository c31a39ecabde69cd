import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose';
import { z } from 'zod';

/** The one algorithm that tokens are signed with and that a token may name (RFC 7518 §3.4). */
export const ALGORITHM = 'ES256';

const base64url = z.string().regex(/^[\w-]{43}$/);

/** A private P-256 key as a JWK (RFC 7518 §6.2): the value of SIGNING_KEY_A, and of SIGNING_KEY_B. */
export const privateKey = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  kid: z.string().min(1).max(128),
  x: base64url,
  y: base64url,
  d: base64url,
});

export type PrivateKey = z.infer<typeof privateKey>;

/** Keys of distinct `kid`s, all of which verify. The first one signs. */
export interface PrivateKeySet {
  readonly keys: readonly [PrivateKey, ...PrivateKey[]];
}

/** A key looks like one, but Web Crypto refuses it. */
export class UnusableKey extends Error {
  override readonly name = 'UnusableKey';
  readonly kid: string;

  constructor(kid: string) {
    super('a signing key is no point of its curve, or its halves belong to two keys');
    this.kid = kid;
  }
}

/** The public half of a key, as the JWKS endpoint shows it (RFC 7517 §4). */
export function publicKey({ kid, x, y }: PrivateKey) {
  return { kty: 'EC', crv: 'P-256', kid, x, y, alg: ALGORITHM, use: 'sig' } as const;
}

export interface SigningKeys {
  /** What new tokens are signed with. */
  readonly signer: { readonly kid: string; readonly key: CryptoKey };
  /** What tokens are verified with, by `kid`. */
  readonly verifiers: ReadonlyMap<string, CryptoKey>;
}

/** Imports both halves, also of a key that only verifies now: a fault is found before it has to sign. */
async function importKey(key: PrivateKey) {
  const halves = [{ ...key }, publicKey(key)];
  try {
    const [signs, verifies] = await Promise.all(halves.map((half) => importJWK(half, ALGORITHM)));
    return { kid: key.kid, signs: signs as CryptoKey, verifies: verifies as CryptoKey };
  } catch {
    throw new UnusableKey(key.kid);
  }
}

/**
 * Imports a key set into Web Crypto; slow enough to be done once per configuration.
 *
 * @throws UnusableKey when it refuses one.
 */
export async function importSigningKeys({ keys }: PrivateKeySet): Promise<SigningKeys> {
  const [first, ...others] = keys;
  const signer = await importKey(first);
  const imported = [signer, ...(await Promise.all(others.map(importKey)))];
  return {
    signer: { kid: signer.kid, key: signer.signs },
    verifiers: new Map(imported.map(({ kid, verifies }) => [kid, verifies])),
  };
}

/** A new private key whose `kid` is its thumbprint (RFC 7638). */
export async function newSigningKey(): Promise<PrivateKey> {
  const pair = await generateKeyPair(ALGORITHM, { extractable: true });
  const jwk = await exportJWK(pair.privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk) } as PrivateKey;
}
