import { base64url } from 'jose';

/** The maximum length of a token whose issuer is read, in characters. */
const MAX_TOKEN_LENGTH = 8192;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

type JsonObject = Record<string, unknown>;

/**
 * Decodes base64url.
 *
 * @throws Error unless the text is the canonical encoding of its bytes.
 */
function decodeCanonical(part: string): Uint8Array {
  const bytes = base64url.decode(part);
  if (base64url.encode(bytes) !== part) {
    throw new Error('not canonical base64url');
  }
  return bytes;
}

/** Returns the position after a string of a valid JSON text that starts with a quote at `start`. */
function afterString(text: string, start: number): number {
  let position = start + 1;
  while (position < text.length && text[position] !== '"') {
    position += text[position] === '\\' ? 2 : 1;
  }
  return position + 1;
}

/** Returns whether the next character that is no whitespace is a colon. */
function precedesColon(text: string, start: number): boolean {
  let position = start;
  while (position < text.length && ' \t\r\n'.includes(text[position] as string)) {
    position++;
  }
  return text[position] === ':';
}

/** Counts the member names in a valid JSON text, in one pass. A repeated name counts each time. */
function countNames(text: string): number {
  let names = 0;
  for (let quote = text.indexOf('"'); quote !== -1; ) {
    const end = afterString(text, quote);
    names += precedesColon(text, end) ? 1 : 0;
    quote = text.indexOf('"', end);
  }
  return names;
}

/** Counts the members of all objects in a parsed JSON value, where repeated names have collapsed. */
function countMembers(root: JsonObject): number {
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

/**
 * Parses a JSON object.
 *
 * @throws Error unless the bytes are one JSON object in UTF-8 without repeated member names.
 */
function parseObject(bytes: Uint8Array): JsonObject {
  const text = utf8.decode(bytes);
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('not a JSON object');
  }
  if (countNames(text) !== countMembers(value as JsonObject)) {
    throw new Error('repeated member name');
  }
  return value as JsonObject;
}

/** Returns the payload of a strict JWT; undefined for any other text. */
function readPayload(token: string, maxLength: number): JsonObject | undefined {
  if (token.length > maxLength) {
    return undefined;
  }
  const [header, payload, signature, ...more] = token.split('.');
  if (!header || !payload || !signature || more.length > 0) {
    return undefined;
  }
  try {
    decodeCanonical(signature);
    parseObject(decodeCanonical(header));
    return parseObject(decodeCanonical(payload));
  } catch {
    return undefined;
  }
}

/**
 * Returns whether a text is a strictly encoded, signed JWT: a compact JWS (RFC 7515 §7.1) of three
 * parts in canonical base64url, whose header and payload are JSON objects in UTF-8. Repeated member
 * names are rejected at any depth, as RFC 7519 §4 permits, because parsers differ in which one they
 * use. Never throws, and does not check the signature.
 *
 * @param maxLength the maximum length in characters. A longer text is rejected before it is decoded.
 */
export function isStrictJwt(token: string, maxLength: number): boolean {
  return readPayload(token, maxLength) !== undefined;
}

/**
 * Returns the unverified `iss` of a strict JWT of at most 8192 characters. Use it only to choose the
 * keys that the token is then verified with. Never throws.
 *
 * @returns undefined for any other text, and if `iss` is not a string.
 */
export function readUnverifiedIssuer(token: string): string | undefined {
  const issuer = readPayload(token, MAX_TOKEN_LENGTH)?.iss;
  return typeof issuer === 'string' ? issuer : undefined;
}
