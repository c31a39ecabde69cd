/**
 * Makes and checks the secrets that partners hold: API keys and client secrets. Both are 43 random
 * base62 characters (256 bits) behind a prefix that tells what they are; only their SHA-256 is kept.
 */

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const API_KEY = /^ptk_(?:live|test)_[0-9A-Za-z]{49}$/;

/** CRC-32 as in ISO 3309 and zip, of an ASCII text. */
function crc32(ascii: string): number {
  let crc = 0xffffffff;
  for (let i = 0; i < ascii.length; i++) {
    crc ^= ascii.charCodeAt(i);
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
  }
  return ~crc >>> 0;
}

function base62(value: number, length: number): string {
  let rest = value;
  let digits = '';
  for (let i = 0; i < length; i++) {
    digits = BASE62[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

function randomBase62(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(64))) {
      // 248 is the largest multiple of 62 in a byte: what is above would favour some digits.
      if (byte < 248 && text.length < length) {
        text += BASE62[byte % 62];
      }
    }
  }
  return text;
}

/** A new API key: prefix, 43 random characters, and 6 of CRC-32 over all before, in base62. */
export function newApiKey(kind: 'live' | 'test'): string {
  const body = `ptk_${kind}_${randomBase62(RANDOM_LENGTH)}`;
  return body + base62(crc32(body), CHECKSUM_LENGTH);
}

/** Whether a text has the form and the checksum of an API key: a typo is refused without asking D1. */
export function isWellFormedApiKey(key: string): boolean {
  if (!API_KEY.test(key)) {
    return false;
  }
  const body = key.slice(0, -CHECKSUM_LENGTH);
  return key.slice(-CHECKSUM_LENGTH) === base62(crc32(body), CHECKSUM_LENGTH);
}

/** A new OAuth 2.0 client secret. */
export function newClientSecret(): string {
  return `pts_${randomBase62(RANDOM_LENGTH)}`;
}

/** SHA-256 of a text, in lower-case hex: the only form in which a secret is stored. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
