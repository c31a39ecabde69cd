import { base64url } from 'jose';

/** Characters that a token may have for its issuer to be read. */
const LONGEST = 8192;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A string of a JSON text, and the colon behind it if it is the name of a member. */
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"\s*(:?)/g;

type JsonObject = Record<string, unknown>;

/** @throws Error for another spelling of the bytes than the canonical one. */
function canonicalBytes(part: string): Uint8Array {
  const bytes = base64url.decode(part);
  if (base64url.encode(bytes) !== part) {
    throw new Error('not canonical base64url');
  }
  return bytes;
}

/** How many members the objects of a JSON text name, equal names counted each. */
function namesIn(text: string): number {
  let names = 0;
  for (const [, colon] of text.matchAll(STRING)) {
    names += colon === ':' ? 1 : 0;
  }
  return names;
}

/** How many members the objects of a parsed text have: equal names have become one. */
function membersOf(root: JsonObject): number {
  let members = 0;
  const values: unknown[] = [root];
  for (const value of values) {
    if (typeof value === 'object' && value !== null) {
      members += Array.isArray(value) ? 0 : Object.keys(value).length;
      values.push(...Object.values(value));
    }
  }
  return members;
}

/** @throws Error for anything but one JSON object in UTF-8, without equal names. */
function jsonObject(bytes: Uint8Array): JsonObject {
  const text = utf8.decode(bytes);
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('not a JSON object');
  }
  if (namesIn(text) !== membersOf(value as JsonObject)) {
    throw new Error('two members of one name');
  }
  return value as JsonObject;
}

function payloadOf(token: string, maxLength: number): JsonObject | undefined {
  if (token.length > maxLength) {
    return undefined;
  }
  const [header, payload, signature, ...more] = token.split('.');
  if (!header || !payload || !signature || more.length > 0) {
    return undefined;
  }
  try {
    canonicalBytes(signature);
    jsonObject(canonicalBytes(header));
    return jsonObject(canonicalBytes(payload));
  } catch {
    return undefined;
  }
}

/**
 * Whether a text is a signed JWT in its one spelling: a compact JWS (RFC 7515 §7.1) of three parts in
 * canonical base64url, whose header and payload are JSON objects in UTF-8 without two members of one
 * name at any depth (RFC 7519 §4 lets a reader refuse them: two readers may take different ones).
 * Never throws; checks no signature.
 *
 * @param maxLength in characters; a longer text is refused before anything is computed.
 */
export function isStrictJwt(token: string, maxLength: number): boolean {
  return payloadOf(token, maxLength) !== undefined;
}

/**
 * The `iss` of a strict JWT of at most 8192 characters, unverified: good for choosing the keys that
 * the token is then verified with, and for nothing else. Never throws.
 *
 * @returns undefined for any other text, and for an `iss` that is no string.
 */
export function unverifiedIssuer(token: string): string | undefined {
  const issuer = payloadOf(token, LONGEST)?.iss;
  return typeof issuer === 'string' ? issuer : undefined;
}
