import { env } from 'cloudflare:workers';
import { base64url, decodeJwt, decodeProtectedHeader, importJWK } from 'jose';
import { newSigningKey, publicKey } from '../../src/auth/signing-keys.ts';
import { configOf } from '../../src/config.ts';
import type { TestPartner } from './partners.ts';

/** Makes an access token for a partner, at a time in milliseconds since 1970. */
export type Forge = (partner: TestPartner, now: number) => Promise<string>;

/** Signs the bytes of `header.payload`; the signature as it goes into the token. */
export type Sign = (input: Uint8Array) => Promise<Uint8Array>;

/** Makes another JSON text, or bytes, of the JSON text of a part. */
type Rewrite = (json: string) => string | Uint8Array;

/** What makes a token differ from a good one. */
interface Forgery {
  /** Replace those of a good token; undefined takes one out. */
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly rewriteHeader?: Rewrite;
  readonly rewritePayload?: Rewrite;
  /** Signs with the key of the token endpoint, if not set. */
  readonly sign?: Sign;
}

type PrivateKey = Parameters<typeof publicKey>[0];

/** The key that the token endpoint signs with. */
const ours = configOf(env).signingKeys.keys[0] as PrivateKey;
/** The same as the key set shows it to everyone. */
export const ourPublicKey = publicKey(ours);

const attackers = await newSigningKey();
export const attackersPublicKey = publicKey(attackers);

const encoder = new TextEncoder();

/** Signs with ECDSA on P-256. */
function signedWith(key: PrivateKey, hash = 'SHA-256'): Sign {
  const imported = importJWK({ ...key }, 'ES256') as Promise<CryptoKey>;
  return async (input) =>
    new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash }, await imported, input));
}

export const signedByUs = signedWith(ours);
export const signedByUsOverSha384 = signedWith(ours, 'SHA-384');
export const signedByAttacker = signedWith(attackers);
export const unsigned: Sign = async () => new Uint8Array();

/** Signs with an HMAC. @param hash as `SHA-256`. */
export function signedBySecret(hash: string, secret: Uint8Array): Sign {
  return async (input) => {
    const algorithm = { name: 'HMAC', hash };
    const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign']);
    return new Uint8Array(await crypto.subtle.sign('HMAC', key, input));
  };
}

/** A token like a good one of `partner` at `now`, but for what the forgery changes. */
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

/** Tokens with a forgery, made for a time in seconds since 1970. */
export function forged(forgery: (seconds: number) => Forgery): Forge {
  return (partner, now) => forge(partner, now, forgery(Math.floor(now / 1000)));
}

/** Tokens of other header parameters, signed by us or as told. */
export function withHeader(header: Record<string, unknown>, sign?: Sign): Forge {
  return forged(() => ({ header, sign }));
}

/** Tokens of other claims, signed by us. */
export function withClaims(claims: Record<string, unknown>): Forge {
  return forged(() => ({ claims }));
}

/** Good tokens, put together anew from their three parts. */
export function spoiled(
  spoil: (header: string, payload: string, signature: string) => string,
): Forge {
  return async (partner, now) => {
    const [header, payload, signature] = (await partner.token(now)).split('.');
    return spoil(header as string, payload as string, signature as string);
  };
}

/** A record of what `make` gives for each key, under the name that `name` gives it. */
export function each<K extends string>(
  keys: readonly K[],
  name: (key: K) => string,
  make: (key: K) => Forge,
): Record<string, Forge> {
  return Object.fromEntries(keys.map((key) => [name(key), make(key)]));
}
