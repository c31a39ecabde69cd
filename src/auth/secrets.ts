import { type Home, MAIN_HOME } from '../homes.ts';

/**
 * Creates and checks API keys and client secrets. Each consists of a prefix that identifies its kind, 43
 * random base62 characters (256 bits), and a checksum. Only the SHA-256 of a secret is stored.
 */

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_LENGTH = 43;
const CHECKSUM_LENGTH = 6;

/** The pattern by which secret scanners find API keys. The last six characters are the checksum. */
export const API_KEY_PATTERN = 'ptk_(?:live|test)_[0-9A-Za-z]{49}';
/** The pattern by which secret scanners find client secrets. The last six characters are the checksum. */
export const CLIENT_SECRET_PATTERN = 'pts_(?:[a-z0-9]{1,8}_)?[0-9A-Za-z]{49}';

const API_KEY = new RegExp(`^${API_KEY_PATTERN}$`);
const CLIENT_SECRET = new RegExp(`^${CLIENT_SECRET_PATTERN}$`);

/** Returns the CRC-32 (ISO 3309, as in zip) of an ASCII text. */
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
      // 248 is the largest multiple of 62 in a byte. Values from 248 on would make some digits likelier.
      if (byte < 248 && text.length < length) {
        text += BASE62[byte % 62];
      }
    }
  }
  return text;
}

/** Returns the prefix, 43 random base62 characters, and the CRC-32 of both as 6 base62 characters. */
function newSecret(prefix: string): string {
  const body = prefix + randomBase62(RANDOM_LENGTH);
  return body + base62(crc32(body), CHECKSUM_LENGTH);
}

function hasChecksum(secret: string): boolean {
  const body = secret.slice(0, -CHECKSUM_LENGTH);
  return secret.slice(-CHECKSUM_LENGTH) === base62(crc32(body), CHECKSUM_LENGTH);
}

/** Returns a new API key, whose prefix names its kind. */
export function newApiKey(kind: 'live' | 'test'): string {
  return newSecret(`ptk_${kind}_`);
}

/** Returns a new OAuth 2.0 client secret. Its prefix names the home of the client, unless that is `main`. */
export function newClientSecret({ name }: Pick<Home, 'name'>): string {
  return newSecret(name === MAIN_HOME.name ? 'pts_' : `pts_${name}_`);
}

/** Returns the name of the home that a client secret names, which need not exist. */
export function homeNameOfClientSecret(secret: string): string {
  return /^pts_([a-z0-9]{1,8})_/.exec(secret)?.[1] ?? MAIN_HOME.name;
}

/** Returns whether a text has the form and the checksum of an API key, so that a typo costs no lookup. */
export function isWellFormedApiKey(key: string): boolean {
  return API_KEY.test(key) && hasChecksum(key);
}

/** Returns whether a text has the form and the checksum of a client secret. */
export function isWellFormedClientSecret(secret: string): boolean {
  return CLIENT_SECRET.test(secret) && hasChecksum(secret);
}

/** Returns the SHA-256 of a text in lower-case hex, the only form in which a secret is stored. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
