import { base64url } from 'jose';
import { derSignature } from '../der.ts';
import {
  each,
  type Forge,
  forged,
  signedByUs,
  signedByUsOverSha384,
  spoiled,
  texts,
  unsigned,
} from '../forging.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const ZERO = new Uint8Array(32);
const ONE = new Uint8Array(32).fill(1, 31);
/** The order of P-256 (FIPS 186-4 §D.1.2.3), which is zero for a verifier that does not check the range. */
const ORDER = base64url.decode('_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE');

/** The values that replace r and s; null keeps the valid one. */
const numbers: Record<string, readonly [Uint8Array | null, Uint8Array | null]> = {
  'r = 0 and s = 0': [ZERO, ZERO],
  'r = 0': [ZERO, null],
  's = 0': [null, ZERO],
  'r = n': [ORDER, null],
  's = n': [null, ORDER],
  'r = n and s = n': [ORDER, ORDER],
  'r = 0 and s = n': [ZERO, ORDER],
  'r = n and s = 0': [ORDER, ZERO],
  'r = 0 and s = 1': [ZERO, ONE],
  'r = 1 and s = 0': [ONE, ZERO],
  'r = 1 and s = 1': [ONE, ONE],
};

/** Creates tokens whose valid signature is changed afterwards. */
function changed(change: (signature: Uint8Array) => Uint8Array): Forge {
  return forged(() => ({ sign: async (input) => change(await signedByUs(input)) }));
}

/** Creates valid tokens and changes the text of the signature. */
function respelled(spell: (signature: string) => string): Forge {
  return spoiled((header, payload, signature) => `${header}.${payload}.${spell(signature)}`);
}

/** Changes an unused bit: the last character has two bits of the signature and four unused ones. */
function withSpareBit(signature: string): string {
  const last = ALPHABET.indexOf(signature.at(-1) as string);
  return signature.slice(0, -1) + ALPHABET[last + 1];
}

/** Tokens with an invalid signature, or with another spelling of a valid one. */
export const signatures: Record<string, Forge> = {
  'of an empty signature': forged(() => ({ sign: unsigned })),
  ...each('of a signature with %s', numbers, ([r, s]) =>
    changed((good) => Uint8Array.of(...(r ?? good.slice(0, 32)), ...(s ?? good.slice(32)))),
  ),
  'of a signature with r and s exchanged': changed((good) =>
    Uint8Array.of(...good.slice(32), ...good.slice(0, 32)),
  ),
  'of a signature in DER': changed(derSignature),
  'of a signature over another hash': forged(() => ({ sign: signedByUsOverSha384 })),
  'of a signature over the payload alone': forged(() => ({
    sign: (input) => signedByUs(input.slice(input.indexOf('.'.charCodeAt(0)) + 1)),
  })),
  'of a signature with a byte cut off': changed((good) => good.slice(0, -1)),
  'of half a signature': changed((good) => good.slice(0, 32)),
  'of a signature with a byte of zero behind': changed((good) => Uint8Array.of(...good, 0)),
  'of a signature with a byte of zero before': changed((good) => Uint8Array.of(0, ...good)),
  'of a signature twice': changed((good) => Uint8Array.of(...good, ...good)),
  'of a signature with a character cut off': respelled((good) => good.slice(0, -1)),
  ...each('of a signature with %s behind', texts('=', '==', '====', 'A', 'AA', 'AAAA'), (more) =>
    respelled((good) => good + more),
  ),
  'of a signature with a space in it': respelled(
    (good) => `${good.slice(0, 40)} ${good.slice(40)}`,
  ),
  'of a signature with a tab in it': respelled((good) => `${good.slice(0, 40)}\t${good.slice(40)}`),
  'of a signature with a space before': respelled((good) => ` ${good}`),
  'of a signature with bits behind its end': respelled(withSpareBit),
};
