/** The part of DER (ITU-T X.690) that signatures and certificates need. */

const ECDSA_WITH_SHA256 = sequence(Uint8Array.of(6, 8, 42, 134, 72, 206, 61, 4, 3, 2));
const COMMON_NAME = Uint8Array.of(6, 3, 85, 4, 3);

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Encodes a value of less than 64 KiB with its tag and length. */
function der(tag: number, ...contents: Uint8Array[]): Uint8Array {
  const content = joined(contents);
  const { length } = content;
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 255];
  return joined([Uint8Array.of(tag, ...size), content]);
}

function sequence(...contents: Uint8Array[]): Uint8Array {
  return der(0x30, ...contents);
}

/** Encodes a non-negative integer from its big-endian bytes. */
function integer(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Uint8Array.of(0) : bytes.slice(first);
  return (digits[0] as number) < 128 ? der(2, digits) : der(2, Uint8Array.of(0), digits);
}

function text(tag: number, value: string): Uint8Array {
  return der(tag, new TextEncoder().encode(value));
}

/** Converts an ECDSA signature from the form of a JWS (RFC 7518 §3.4) to DER (RFC 3279 §2.2.3). */
export function derSignature(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2;
  return sequence(integer(raw.slice(0, half)), integer(raw.slice(half)));
}

/**
 * Creates a self-signed certificate (RFC 5280 §4.1) of a P-256 key.
 *
 * @param spki the public key as SubjectPublicKeyInfo.
 * @param sign signs bytes with the private key and returns a signature of 64 bytes.
 */
export async function certificate(
  spki: Uint8Array,
  sign: (input: Uint8Array) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const name = sequence(der(0x31, sequence(COMMON_NAME, text(0x0c, 'attacker'))));
  const validity = sequence(text(0x17, '200101000000Z'), text(0x17, '491231235959Z'));
  const body = sequence(integer(Uint8Array.of(1)), ECDSA_WITH_SHA256, name, validity, name, spki);
  const signature = der(3, Uint8Array.of(0), derSignature(await sign(body)));
  return sequence(body, ECDSA_WITH_SHA256, signature);
}
