import { importJWK } from 'jose';
import { certificate } from '../der.ts';
import {
  attackersPublicKey,
  each,
  type Forge,
  ourPublicKey,
  signedByAttacker,
  signedBySecret,
  withHeader,
} from '../forging.ts';

const key = (await importJWK({ ...attackersPublicKey, ext: true }, 'ES256')) as CryptoKey;
const spki = new Uint8Array((await crypto.subtle.exportKey('spki', key)) as ArrayBuffer);
const chain = [btoa(String.fromCharCode(...(await certificate(spki, signedByAttacker))))];

/** Header parameters that contain a key or its address (RFC 7515 §4.1). */
const offers: Record<string, Record<string, unknown>> = {
  'brings the jwk of an attacker': { jwk: attackersPublicKey },
  "brings an attacker's jwk under our kid": {
    jwk: { ...attackersPublicKey, kid: ourPublicKey.kid },
  },
  'brings the x5c of an attacker': { x5c: chain },
  'points with jku to an attacker': { jku: 'https://attacker.test/jwks.json' },
  'points with jku to what begins like ours': {
    jku: 'https://api.test/.well-known/jwks.json@attacker.test/',
  },
  'points with x5u to an attacker': { x5u: 'https://attacker.test/certificate.pem' },
};

const kids: Record<string, unknown> = {
  'an unknown kid': 'unknown',
  'no kid': undefined,
  'an empty kid': '',
  'kid null': null,
  'a kid that is a number': 0,
  'a kid that is a list': [ourPublicKey.kid],
  'a kid that is an object': { [ourPublicKey.kid]: ourPublicKey.kid },
  'kid __proto__': '__proto__',
  'kid constructor': 'constructor',
  'a kid with NUL behind': `${ourPublicKey.kid}\0`,
  'a kid with NUL and a path': `${ourPublicKey.kid}\0/../../dev/null`,
  'a kid with a space before': ` ${ourPublicKey.kid}`,
  'a kid that is a path to ours': `../keys/${ourPublicKey.kid}`,
  'a kid that is a path to nothing': '../../../../../../dev/null',
  'a kid that is SQL': `' UNION SELECT '${ourPublicKey.kid}' --`,
  'a kid that is a shell command': `${ourPublicKey.kid}|sleep 10`,
  'a very long kid': ourPublicKey.kid.padEnd(2000, 'k'),
};

/** Tokens that try to choose the key with which they are verified. */
export const keys: Record<string, Forge> = {
  'signed by a stranger': withHeader({}, signedByAttacker),
  'signed by a stranger under its own kid': withHeader(
    { kid: attackersPublicKey.kid },
    signedByAttacker,
  ),
  ...each('that %s', offers, (offer) => withHeader(offer, signedByAttacker)),
  ...each('that %s, with the kid of it', offers, (offer) =>
    withHeader({ ...offer, kid: attackersPublicKey.kid }, signedByAttacker),
  ),
  ...each('that %s, without kid', offers, (offer) =>
    withHeader({ ...offer, kid: undefined }, signedByAttacker),
  ),
  // Our key signs these tokens, so they would be accepted if such a kid led to our key.
  ...each('of %s', kids, (kid) => withHeader({ kid })),
  // For an HMAC a zero byte is equal to the empty secret, which an empty file would yield.
  'of HS256 with the empty secret of a path': withHeader(
    { alg: 'HS256', kid: '../../../../../../dev/null' },
    signedBySecret('SHA-256', new Uint8Array(1)),
  ),
  'of HS256 with the secret that SQL selects': withHeader(
    { alg: 'HS256', kid: "' UNION SELECT 'secret' --" },
    signedBySecret('SHA-256', new TextEncoder().encode('secret')),
  ),
};
