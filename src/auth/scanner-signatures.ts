import { importSPKI } from 'jose';
import { z } from 'zod';
import { RemoteDocument, type RemoteIo } from './remote-document.ts';

/** The public keys of a secret scanner, in the format of GitHub's secret scanning partner program. */
const publicKeys = z.object({
  public_keys: z.array(z.object({ key_identifier: z.string(), key: z.string() })).max(100),
});

/** Public keys in PEM by their identifier. */
type PemKeys = ReadonlyMap<string, string>;

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

/** Verifies the signatures of leaked-secret reports, and caches the keys of the scanner. */
export class ScannerSignatures {
  readonly #keys: RemoteDocument<PemKeys>;

  /** @param url the URL at which the scanner publishes its keys. */
  constructor(url: string) {
    this.#keys = new RemoteDocument({
      url,
      // GitHub limits requests per address and hour, and a caller can invent any key id.
      coolDownMs: 10 * 60_000,
      parse: (json): PemKeys =>
        new Map(
          publicKeys
            .parse(json)
            .public_keys.map(({ key_identifier, key }) => [key_identifier, key]),
        ),
    });
  }

  /**
   * Returns whether one of the scanner's keys signed the body, with ECDSA on P-256 and SHA-256.
   *
   * @param body the bytes of the request body, exactly as they were received.
   * @throws RemoteUnavailable if the keys cannot be fetched.
   */
  async verify(body: ArrayBuffer, proof: ScannerProof, io: RemoteIo): Promise<boolean> {
    const der = decodeBase64(proof.signature);
    const signature = der && toRawSignature(der);
    if (signature === undefined) {
      return false;
    }
    const keys = await this.#keys.get(io, (known) => known.has(proof.keyIdentifier));
    const pem = keys.get(proof.keyIdentifier);
    if (pem === undefined) {
      return false;
    }
    // The scanner could publish keys of another type, which cannot have made a P-256 signature.
    const key = await importSPKI(pem, 'ES256').catch(() => undefined);
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
    return key !== undefined && crypto.subtle.verify(algorithm, key, signature, body);
  }
}
