import { z } from 'zod';

/** The number of bytes of the nonce of AES-GCM (NIST SP 800-38D §8.2). */
const NONCE_BYTES = 12;

const key = z.object({
  kty: z.literal('oct'),
  kid: z.string().regex(/^[\w-]{1,64}$/),
  /** 32 bytes in base64url. */
  k: z.string().regex(/^[\w-]{43}$/),
});

/** The keys that encrypt secrets which must be read again: a JWK Set (RFC 7517 §5) with distinct `kid`s. */
export const sealingKeySet = z
  .object({ keys: z.array(key).min(1) })
  .refine(({ keys }) => new Set(keys.map(({ kid }) => kid)).size === keys.length);

export type SealingKeySet = z.infer<typeof sealingKeySet>;

const fromBase64Url = (text: string) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
    character.charCodeAt(0),
  );
const toBase64Url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

const parametersOf = (nonce: Uint8Array<ArrayBuffer>, context: string) => ({
  name: 'AES-GCM',
  iv: nonce,
  additionalData: new TextEncoder().encode(context),
});

/**
 * Encrypts secrets that this API must read again, such as those that sign webhooks. A sealed secret is
 * `kid.nonce.ciphertext`. The first key of the set seals, and every key opens what it sealed.
 */
export class SealingKeys {
  /** The `kid` of the key that seals. */
  readonly current: string;
  readonly #keys: ReadonlyMap<string, Promise<CryptoKey>>;

  constructor({ keys }: SealingKeySet) {
    this.current = (keys[0] as SealingKeySet['keys'][number]).kid;
    this.#keys = new Map(
      keys.map(({ kid, k }) => [
        kid,
        crypto.subtle.importKey('raw', fromBase64Url(k), 'AES-GCM', false, ['encrypt', 'decrypt']),
      ]),
    );
  }

  /**
   * Encrypts a secret.
   *
   * @param context what the secret belongs to. It can be opened only with the same context.
   */
  async seal(secret: string, context: string): Promise<string> {
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const key = (await this.#keys.get(this.current)) as CryptoKey;
    const sealed = await crypto.subtle.encrypt(
      parametersOf(nonce, context),
      key,
      new TextEncoder().encode(secret),
    );
    return [this.current, toBase64Url(nonce), toBase64Url(new Uint8Array(sealed))].join('.');
  }

  /**
   * Decrypts a sealed secret.
   *
   * @throws Error if its key is not in the set, or if it was altered or sealed for another context.
   */
  async open(sealed: string, context: string): Promise<string> {
    const [kid = '', nonce = '', text = ''] = sealed.split('.');
    const key = await this.#keys.get(kid);
    if (key === undefined) {
      throw new Error('A sealed secret names a key that is missing.');
    }
    const opened = await crypto.subtle.decrypt(
      parametersOf(fromBase64Url(nonce), context),
      key,
      fromBase64Url(text),
    );
    return new TextDecoder().decode(opened);
  }
}

/** Returns a new set with one random key. */
export function newSealingKeySet(): SealingKeySet {
  const random = (bytes: number) => toBase64Url(crypto.getRandomValues(new Uint8Array(bytes)));
  return { keys: [{ kty: 'oct', kid: random(8), k: random(32) }] };
}
