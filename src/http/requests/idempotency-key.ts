import type { Context } from 'hono';
import { Problem } from '../../problems/problem.ts';
import { boundedHeader } from './bounded-headers.ts';

/** The longest key, in characters, without its quotes and escapes. */
const MAX_KEY_LENGTH = 255;
/** The longest header, in characters: a key in quotes in which each character is escaped. */
const MAX_HEADER_LENGTH = 2 * MAX_KEY_LENGTH + 2;
/** A string of RFC 8941 §3.3.3: printable ASCII in quotes, in which `\` escapes `"` and `\`. */
const QUOTED = /^"(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"$/;
/** A key without quotes. The draft requires quotes, but many clients send none. */
const BARE = /^[\x21\x23-\x2b\x2d-\x7e]+$/;

/**
 * Patterns of one character of a key, without and with quotes. A test checks that they agree with `BARE`
 * and `QUOTED`.
 */
const BARE_CHARACTER = '[\\x21\\x23-\\x2b\\x2d-\\x7e]';
const QUOTED_CHARACTER = '(?:[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\["\\\\])';

/**
 * Returns the declaration of the header in the document.
 *
 * @param intention the kind of thing that the request creates.
 * @param kept the lifetime of a key, in words.
 */
const parameterFor = (intention: string, kept: string) => ({
  name: 'Idempotency-Key',
  in: 'header' as const,
  description: `A UUID, or any other 1 to ${MAX_KEY_LENGTH} printable ASCII characters, that identifies your intention to create this one ${intention}. Put it in double quotes if it contains a space or a comma. The API keeps the key for ${kept}.`,
  schema: {
    type: 'string' as const,
    pattern: `^(?:"${QUOTED_CHARACTER}{1,${MAX_KEY_LENGTH}}"|${BARE_CHARACTER}{1,${MAX_KEY_LENGTH}})$`,
    minLength: 1,
    maxLength: MAX_HEADER_LENGTH,
  },
  example: '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
});

/** The header of an operation that creates one resource. */
export const idempotencyKeyParameter = parameterFor('resource', '24 hours');

/** The header of an operation that creates a batch. */
export const batchKeyParameter = parameterFor('batch', '30 days');

const expected = `Send 1 to ${MAX_KEY_LENGTH} printable ASCII characters, such as a UUID, with or without double quotes around them.`;

/**
 * Reads the `Idempotency-Key` header of a request (draft-ietf-httpapi-idempotency-key-header-07).
 *
 * @returns the key without quotes and escapes, or undefined if the request has no such header.
 * @throws Problem `violations` if the key is empty, malformed or longer than 255 characters.
 */
export function idempotencyKey(c: Context): string | undefined {
  const name = 'idempotency-key';
  const header = boundedHeader(c, name, { maxLength: MAX_HEADER_LENGTH, expected })?.trim();
  if (header === undefined) {
    return undefined;
  }
  // A quoted key is also a string in JSON, with the same meaning.
  const quoted = QUOTED.test(header) ? (JSON.parse(header) as string) : undefined;
  const key = quoted ?? (BARE.test(header) ? header : '');
  if (key === '' || key.length > MAX_KEY_LENGTH) {
    const code = key === '' ? 'invalid_format' : 'too_long';
    throw new Problem('violations', {
      violations: [{ in: 'header', name, code, detail: expected }],
    });
  }
  return key;
}
