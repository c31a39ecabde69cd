import { env } from 'cloudflare:workers';
import { decodeJwt, decodeProtectedHeader, exportSPKI, importJWK, type JWK } from 'jose';
import type { TestPartner } from './partners.ts';

/** Signs the bytes of `header.payload`; the signature as it goes into the token. */
type Sign = (input: BufferSource) => Promise<Uint8Array>;

interface Forgery {
  /** Replace those of a good token; undefined takes one out. */
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly sign?: Sign;
}

const encoder = new TextEncoder();

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** The key that the token endpoint signs with. */
const signingKey = JSON.parse(env.SIGNING_KEY_A) as JWK;
const { d: _private, ...publicJwk } = signingKey;

function signer(privateKey: CryptoKey): Sign {
  return async (input) =>
    new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, input));
}

const signed: Sign = async (input) =>
  signer((await importJWK(signingKey, 'ES256')) as CryptoKey)(input);

const signedByStranger: Sign = async (input) => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  return signer((pair as CryptoKeyPair).privateKey)(input);
};

/** The old trick: the public key, which everyone has, as the secret of an HMAC. */
function signedByPublicKey(secret: () => Promise<string>): Sign {
  return async (input) => {
    const key = await crypto.subtle.importKey(
      'raw',
      encoder.encode(await secret()),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    );
    return new Uint8Array(await crypto.subtle.sign('HMAC', key, input));
  };
}

const unsigned: Sign = async () => new Uint8Array();
const nullSignature: Sign = async () => new Uint8Array(64);

/** A token like a good one of `partner` at `now`, but for what `forgery` replaces. */
export async function forge(
  partner: TestPartner,
  now: number,
  { header = {}, claims = {}, sign = signed }: Forgery,
): Promise<string> {
  const good = await partner.token(now);
  const parts = [
    { ...decodeProtectedHeader(good), ...header },
    { ...decodeJwt(good), ...claims },
  ].map((part) => base64url(encoder.encode(JSON.stringify(part))));
  const input = parts.join('.');
  return `${input}.${base64url(await sign(encoder.encode(input)))}`;
}

async function spoiled(
  partner: TestPartner,
  now: number,
  spoil: (parts: [string, string, string]) => readonly string[],
): Promise<string> {
  return spoil((await partner.token(now)).split('.') as [string, string, string]).join('.');
}

const forged = (forgery: (seconds: number) => Forgery) => (partner: TestPartner, now: number) =>
  forge(partner, now, forgery(Math.floor(now / 1000)));
const pem = async () =>
  exportSPKI((await importJWK({ ...publicJwk, ext: true }, 'ES256')) as CryptoKey);

/** Every faulty access token that is tried, by its fault. Each is refused, and all alike. */
export const faultyTokens: Record<string, (partner: TestPartner, now: number) => Promise<string>> =
  {
    expired: forged((now) => ({ claims: { exp: now } })),
    'without exp': forged(() => ({ claims: { exp: undefined } })),
    'not yet valid': forged((now) => ({ claims: { nbf: now + 60 } })),
    'of another issuer': forged(() => ({ claims: { iss: 'https://other.test' } })),
    'without issuer': forged(() => ({ claims: { iss: undefined } })),
    'for another audience': forged(() => ({ claims: { aud: 'https://other.test' } })),
    'without audience': forged(() => ({ claims: { aud: undefined } })),
    'without partner': forged(() => ({ claims: { partner_id: undefined } })),
    'of typ JWT': forged(() => ({ header: { typ: 'JWT' } })),
    'of no typ': forged(() => ({ header: { typ: undefined } })),
    'of alg none': forged(() => ({ header: { alg: 'none' }, sign: unsigned })),
    'of alg None': forged(() => ({ header: { alg: 'None' }, sign: unsigned })),
    'of alg NONE': forged(() => ({ header: { alg: 'NONE' }, sign: unsigned })),
    'of alg nOnE': forged(() => ({ header: { alg: 'nOnE' }, sign: unsigned })),
    'of no alg': forged(() => ({ header: { alg: undefined }, sign: unsigned })),
    'of alg none with a good signature': forged(() => ({ header: { alg: 'none' } })),
    'of alg ES384': forged(() => ({ header: { alg: 'ES384' } })),
    'of HS256 with our public key as PEM': forged(() => ({
      header: { alg: 'HS256' },
      sign: signedByPublicKey(pem),
    })),
    'of HS256 with our public key as JWK': forged(() => ({
      header: { alg: 'HS256' },
      sign: signedByPublicKey(async () => JSON.stringify(publicJwk)),
    })),
    'of an unknown kid': forged(() => ({ header: { kid: 'unknown' } })),
    'of a kid that every object has': forged(() => ({ header: { kid: 'constructor' } })),
    'of no kid': forged(() => ({ header: { kid: undefined } })),
    'of an extension that we do not know': forged(() => ({ header: { crit: ['x'], x: true } })),
    'signed by a stranger': forged(() => ({ sign: signedByStranger })),
    'of a null signature': forged(() => ({ sign: nullSignature })),
    'of an empty signature': forged(() => ({ sign: unsigned })),
    'of a cut signature': (partner, now) =>
      spoiled(partner, now, ([header, payload, signature]) => [
        header,
        payload,
        signature.slice(0, -4),
      ]),
    'of a padded signature': (partner, now) =>
      spoiled(partner, now, ([header, payload, signature]) => [
        header,
        payload,
        `${signature}AAAA`,
      ]),
    'of a changed payload': async (partner, now) => {
      const [, payload] = (
        await forge(partner, now, { claims: { partner_id: partner.partnerId + 1 } })
      ).split('.');
      return spoiled(partner, now, ([header, , signature]) => [
        header,
        payload as string,
        signature,
      ]);
    },
    'of two parts': (partner, now) =>
      spoiled(partner, now, ([header, payload]) => [header, payload]),
    'of four parts': (partner, now) => spoiled(partner, now, (parts) => [...parts, 'AAAA']),
    'that is too long': forged(() => ({ claims: { filler: 'x'.repeat(5000) } })),
    'that is no JWT': async () => 'opaque',
  };
