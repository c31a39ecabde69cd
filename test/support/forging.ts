import { env } from 'cloudflare:workers';
import { base64url, decodeJwt, decodeProtectedHeader, importJWK } from 'jose';
import { newSigningKey, publicKey } from '../../src/auth/signing-keys.ts';
import { configOf } from '../../src/config.ts';
import type { TestPartner } from './partners.ts';

/** Creates an access token for a partner at a time in milliseconds since 1970. */
export type Forge = (partner: TestPartner, now: number) => Promise<string>;

/** Signs the bytes of `header.payload` and returns the signature for the token. */
export type Sign = (input: Uint8Array) => Promise<Uint8Array>;

/** Changes the JSON text of the header or payload, or replaces it with bytes. */
type Rewrite = (json: string) => string | Uint8Array;

/** The differences between a forged token and a valid one. */
interface Forgery {
  /** Replace members of a valid token. A value of undefined removes the member. */
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly rewriteHeader?: Rewrite;
  readonly rewritePayload?: Rewrite;
  /** Signs the token. By default the key of the token endpoint signs it. */
  readonly sign?: Sign;
}

type PrivateKey = Parameters<typeof publicKey>[0];

/** The private key of the token endpoint. */
const ours = configOf(env).signingKeys.keys[0] as PrivateKey;
/** The public key of the token endpoint, as the key set publishes it. */
export const ourPublicKey = publicKey(ours);

const attackers = await newSigningKey();
export const attackersPublicKey = publicKey(attackers);

const encoder = new TextEncoder();

/** Returns a function that signs with ECDSA on P-256. */
function signedWith(key: PrivateKey, hash = 'SHA-256'): Sign {
  const imported = importJWK({ ...key }, 'ES256') as Promise<CryptoKey>;
  return async (input) =>
    new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash }, await imported, input));
}

export const signedByUs = signedWith(ours);
export const signedByUsOverSha384 = signedWith(ours, 'SHA-384');
export const signedByAttacker = signedWith(attackers);
export const unsigned: Sign = async () => new Uint8Array();

/** Returns a function that signs with an HMAC. @param hash the name of the hash, for example `SHA-256`. */
export function signedBySecret(hash: string, secret: Uint8Array): Sign {
  return async (input) => {
    const algorithm = { name: 'HMAC', hash };
    const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign']);
    return new Uint8Array(await crypto.subtle.sign('HMAC', key, input));
  };
}

/** Creates a token that differs from a valid one of the partner only in the forgery. */
export async function forge(
  partner: TestPartner,
  now: number,
  {
    header = {},
    claims = {},
    rewriteHeader = String,
    rewritePayload = String,
    sign = signedByUs,
  }: Forgery = {},
): Promise<string> {
  const good = await partner.token(now);
  const head = rewriteHeader(JSON.stringify({ ...decodeProtectedHeader(good), ...header }));
  const payload = rewritePayload(JSON.stringify({ ...decodeJwt(good), ...claims }));
  const input = `${base64url.encode(head)}.${base64url.encode(payload)}`;
  return `${input}.${base64url.encode(await sign(encoder.encode(input)))}`;
}

/** Returns a function that creates tokens with a forgery, which can depend on the time in seconds since 1970. */
export function forged(forgery: (seconds: number) => Forgery): Forge {
  return (partner, now) => forge(partner, now, forgery(Math.floor(now / 1000)));
}

/** Returns a function that creates tokens with other header parameters, signed by `sign` or by our key. */
export function withHeader(header: Record<string, unknown>, sign?: Sign): Forge {
  return forged(() => ({ header, sign }));
}

/** Returns a function that creates tokens with other claims, signed by our key. */
export function withClaims(claims: Record<string, unknown>): Forge {
  return forged(() => ({ claims }));
}

/** Returns a function that creates valid tokens and changes their three parts afterwards. */
export function spoiled(
  spoil: (header: string, payload: string, signature: string) => string,
): Forge {
  return async (partner, now) => {
    const [header, payload, signature] = (await partner.token(now)).split('.');
    return spoil(header as string, payload as string, signature as string);
  };
}

/** Returns a forgery for each value of a record, by a name in which `%s` stands for the key of the value. */
export function each<V>(
  name: string,
  values: Readonly<Record<string, V>>,
  make: (value: V) => Forge,
): Record<string, Forge> {
  const forgeries = Object.entries(values).map(([key, value]) => [key, make(value)] as const);
  return Object.fromEntries(forgeries.map(([key, made]) => [name.replace('%s', () => key), made]));
}

/** Returns the record in which each of these texts is its own key. */
export const texts = (...values: string[]): Record<string, string> =>
  Object.fromEntries(values.map((text) => [text, text]));
