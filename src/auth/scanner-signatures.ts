import { importSPKI } from 'jose';

/** The signature of a leaked-secret report, as its headers contain it. */
export interface ScannerProof {
  readonly keyIdentifier: string;
  /** The ECDSA signature in DER, encoded in base64. */
  readonly signature: string;
}

/**
 * Converts the content of a DER integer to 32 bytes, big-endian.
 *
 * @returns undefined if the integer is negative, longer than 32 bytes, or not minimally encoded.
 */
function toFixedWidth(integer: Uint8Array): Uint8Array | undefined {
  const [first = 128, second = 0] = integer;
  const isPadded = first === 0 && integer.length > 1;
  if (first >= 128 || (isPadded && second < 128)) {
    return undefined;
  }
  const digits = isPadded ? integer.subarray(1) : integer;
  if (digits.length > 32) {
    return undefined;
  }
  const bytes = new Uint8Array(32);
  bytes.set(digits, 32 - digits.length);
  return bytes;
}

/**
 * Converts a P-256 ECDSA signature from DER (RFC 3279 §2.2.3) to the form that Web Crypto takes: r and
 * s, of 32 bytes each.
 *
 * @returns undefined if the bytes are not such a signature.
 */
function toRawSignature(der: Uint8Array): Uint8Array | undefined {
  const [sequence, length, tagOfR, lengthOfR = 0] = der;
  const startOfS = 4 + lengthOfR;
  const lengthOfS = der[startOfS + 1] ?? 0;
  const isWellFormed =
    sequence === 0x30 &&
    length === der.length - 2 &&
    tagOfR === 0x02 &&
    der[startOfS] === 0x02 &&
    startOfS + 2 + lengthOfS === der.length;
  const r = isWellFormed ? toFixedWidth(der.subarray(4, startOfS)) : undefined;
  const s = isWellFormed ? toFixedWidth(der.subarray(startOfS + 2)) : undefined;
  return r && s && Uint8Array.of(...r, ...s);
}

/** Decodes base64; undefined for any other text. */
function decodeBase64(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/**
 * Returns whether a key signed a report, with ECDSA on P-256 and SHA-256.
 *
 * @param body the bytes of the request body, exactly as they were received.
 * @param findKey looks up the public key of an identifier, in PEM. It is not called for a malformed signature.
 */
export async function isSignedByScanner(
  body: ArrayBuffer,
  proof: ScannerProof,
  findKey: (keyIdentifier: string) => Promise<string | undefined>,
): Promise<boolean> {
  const der = decodeBase64(proof.signature);
  const signature = der && toRawSignature(der);
  const pem = signature && (await findKey(proof.keyIdentifier));
  if (signature === undefined || pem === undefined) {
    return false;
  }
  // The scanner could publish keys of another type, which cannot have made a P-256 signature.
  const key = await importSPKI(pem, 'ES256').catch(() => undefined);
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  return key !== undefined && crypto.subtle.verify(algorithm, key, signature, body);
}
