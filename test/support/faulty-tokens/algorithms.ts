import { exportSPKI, importJWK } from 'jose';
import {
  each,
  type Forge,
  ourPublicKey,
  signedBySecret,
  texts,
  unsigned,
  withHeader,
} from '../forging.ts';

const NONE = texts('none', 'None', 'NONE', 'nOnE', 'NonE');
const OTHERS = texts('RS256', 'PS256', 'ES384', 'ES512', 'ES256K', 'EdDSA', 'HS256', 'es256');

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
  return each(`of HS${bits} with our public key as %s`, secrets, (secret) =>
    withHeader({ alg: `HS${bits}` }, signedBySecret(`SHA-${bits}`, secret)),
  );
}

/** Tokens whose header names another algorithm than ours. */
export const algorithms: Record<string, Forge> = {
  ...each('of alg %s', NONE, (alg) => withHeader({ alg }, unsigned)),
  ...each('of alg %s with a good signature', NONE, (alg) => withHeader({ alg })),
  'of no alg': withHeader({ alg: undefined }, unsigned),
  'of no alg with a good signature': withHeader({ alg: undefined }),
  'of an empty alg': withHeader({ alg: '' }),
  'of alg null': withHeader({ alg: null }),
  'of a list of algs': withHeader({ alg: ['ES256'] }),
  ...each('of alg %s with a good signature', OTHERS, (alg) => withHeader({ alg })),
  ...confused(256),
  ...confused(384),
  ...confused(512),
};
