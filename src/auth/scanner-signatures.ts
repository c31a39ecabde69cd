import { importSPKI } from 'jose';
import { z } from 'zod';
import { RemoteDocument, type RemoteIo } from './remote-document.ts';

/** The keys of a secret scanner, as GitHub publishes those of its partner programme. */
const publicKeys = z.object({
  public_keys: z.array(z.object({ key_identifier: z.string(), key: z.string() })).max(100),
});

/** By identifier, in PEM. */
type Keys = ReadonlyMap<string, string>;

/** What a report brings along to prove where it comes from. */
export interface ScannerProof {
  readonly keyIdentifier: string;
  /** DER in base64. */
  readonly signature: string;
}

/** Bytes of an integer of DER as 32 of them, big-endian; undefined for one that is not positive or too long. */
function thirtyTwo(integer: Uint8Array): Uint8Array | undefined {
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
 * An ECDSA signature on P-256 in the form that Web Crypto wants, r and s of 32 bytes each, from the
 * DER of RFC 3279 §2.2.3; undefined when it is none.
 */
function rawSignature(der: Uint8Array): Uint8Array | undefined {
  const [sequence, length, tagOfR, lengthOfR = 0] = der;
  const startOfS = 4 + lengthOfR;
  const lengthOfS = der[startOfS + 1] ?? 0;
  const isSound =
    sequence === 0x30 &&
    length === der.length - 2 &&
    tagOfR === 0x02 &&
    der[startOfS] === 0x02 &&
    startOfS + 2 + lengthOfS === der.length;
  const r = isSound ? thirtyTwo(der.subarray(4, startOfS)) : undefined;
  const s = isSound ? thirtyTwo(der.subarray(startOfS + 2)) : undefined;
  return r && s && Uint8Array.of(...r, ...s);
}

function bytesOf(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** Verifies that reports come from a secret scanner; keeps its keys for the isolate. */
export class ScannerSignatures {
  readonly #keys: RemoteDocument<Keys>;

  /** @param url where the scanner publishes its keys. */
  constructor(url: string) {
    this.#keys = new RemoteDocument({
      url,
      // GitHub answers few requests of one address in an hour, and ids of keys are free to make up.
      coolDown: 10 * 60_000,
      parse: (json): Keys =>
        new Map(
          publicKeys
            .parse(json)
            .public_keys.map(({ key_identifier, key }) => [key_identifier, key]),
        ),
    });
  }

  /**
   * Whether the body is signed by one of the scanner's keys: ECDSA on P-256 with SHA-256.
   *
   * @throws RemoteUnavailable when its keys cannot be had.
   */
  async verify(body: ArrayBuffer, proof: ScannerProof, io: RemoteIo): Promise<boolean> {
    const der = bytesOf(proof.signature);
    const signature = der && rawSignature(der);
    if (signature === undefined) {
      return false;
    }
    const keys = await this.#keys.get(io, (known) => known.has(proof.keyIdentifier));
    const pem = keys.get(proof.keyIdentifier);
    if (pem === undefined) {
      return false;
    }
    // A key of another kind, which the scanner may add one day, signs nothing that we can read.
    const key = await importSPKI(pem, 'ES256').catch(() => undefined);
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
    return key !== undefined && crypto.subtle.verify(algorithm, key, signature, body);
  }
}
