import { exportSPKI, importJWK } from 'jose';
import {
  each,
  type Forge,
  ourPublicKey,
  signedBySecret,
  unsigned,
  withHeader,
} from '../forging.ts';

const NONE = ['none', 'None', 'NONE', 'nOnE', 'NonE'] as const;
const OTHERS = ['RS256', 'PS256', 'ES384', 'ES512', 'ES256K', 'EdDSA', 'HS256', 'es256'] as const;

const encoder = new TextEncoder();
const key = (await importJWK({ ...ourPublicKey, ext: true }, 'ES256')) as CryptoKey;
const pem = await exportSPKI(key);

/** Our public key in the forms that some libraries accepted as an HMAC secret. */
const secrets: Record<string, Uint8Array> = {
  PEM: encoder.encode(pem),
  'PEM with a line break': encoder.encode(`${pem.trimEnd()}\n`),
  DER: new Uint8Array((await crypto.subtle.exportKey('spki', key)) as ArrayBuffer),
  JWK: encoder.encode(JSON.stringify(ourPublicKey)),
};

function confused(bits: 256 | 384 | 512): Record<string, Forge> {
  return each(
    Object.keys(secrets),
    (form) => `of HS${bits} with our public key as ${form}`,
    (form) =>
      withHeader({ alg: `HS${bits}` }, signedBySecret(`SHA-${bits}`, secrets[form] as Uint8Array)),
  );
}

/** Tokens whose header names another algorithm than ours. */
export const algorithms: Record<string, Forge> = {
  ...each(
    NONE,
    (alg) => `of alg ${alg}`,
    (alg) => withHeader({ alg }, unsigned),
  ),
  ...each(
    NONE,
    (alg) => `of alg ${alg} with a good signature`,
    (alg) => withHeader({ alg }),
  ),
  'of no alg': withHeader({ alg: undefined }, unsigned),
  'of no alg with a good signature': withHeader({ alg: undefined }),
  'of an empty alg': withHeader({ alg: '' }),
  'of alg null': withHeader({ alg: null }),
  'of a list of algs': withHeader({ alg: ['ES256'] }),
  ...each(
    OTHERS,
    (alg) => `of alg ${alg} with a good signature`,
    (alg) => withHeader({ alg }),
  ),
  ...confused(256),
  ...confused(384),
  ...confused(512),
};
