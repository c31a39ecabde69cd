import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { z } from 'zod';

/** The one algorithm that tokens are signed with and that a token may name (RFC 7518 §3.4). */
export const ALGORITHM = 'ES256';

const base64url = z.string().regex(/^[\w-]{43}$/);

/** The secret SIGNING_KEYS: a JWK set (RFC 7517 §5) of private P-256 keys. The first one signs. */
export const privateKeySet = z.object({
  keys: z
    .array(
      z.object({
        kty: z.literal('EC'),
        crv: z.literal('P-256'),
        kid: z.string().min(1).max(128),
        x: base64url,
        y: base64url,
        d: base64url,
      }),
    )
    .min(1)
    // Of two keys of one name, one would sign what the other verifies.
    .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length),
});

export type PrivateKeySet = z.infer<typeof privateKeySet>;
type PrivateKey = PrivateKeySet['keys'][number];

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

async function imported(jwk: JWK): Promise<CryptoKey> {
  return (await importJWK(jwk, ALGORITHM)) as CryptoKey;
}

/** Imports a key set into Web Crypto; slow enough to be done once per isolate. */
export async function importSigningKeys({ keys }: PrivateKeySet): Promise<SigningKeys> {
  const [first] = keys as [PrivateKey, ...PrivateKey[]];
  const verifiers = await Promise.all(
    keys.map(async (key) => [key.kid, await imported(publicKey(key))] as const),
  );
  return {
    signer: { kid: first.kid, key: await imported({ ...first }) },
    verifiers: new Map(verifiers),
  };
}

/** A new private key whose `kid` is its thumbprint (RFC 7638). */
export async function newSigningKey(): Promise<PrivateKey> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk) } as PrivateKey;
}
