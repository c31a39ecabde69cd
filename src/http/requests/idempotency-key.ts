import type { Context } from 'hono';
import { Problem } from '../../problems/problem.ts';

const MAX_LENGTH = 255;
/** A string of RFC 8941 §3.3.3: printable ASCII in quotes, with `\` before `"` and `\`. */
const QUOTED = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
/** What many clients send: the value without quotes. */
const BARE = /^[\x21\x23-\x2b\x2d-\x7e]+$/;

/** One character of a key: bare, and in quotes. A test holds both against `QUOTED` and `BARE`. */
const BARE_CHARACTER = '[\\x21\\x23-\\x2b\\x2d-\\x7e]';
const QUOTED_CHARACTER = '(?:[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\["\\\\])';

/**
 * What the document says of the header.
 *
 * @param intention what the key identifies the creation of.
 * @param kept how long the key is kept, in words.
 */
const parameterFor = (intention: string, kept: string) => ({
  name: 'Idempotency-Key',
  in: 'header' as const,
  description: `A UUID, or any other 1 to ${MAX_LENGTH} printable ASCII characters, that identifies your intention to create this one ${intention}. Double quotes around it are optional, and required if it contains a space or a comma. It is kept for ${kept}. Clients and API keys share one set of keys; tickets have another, and batches a third.`,
  schema: {
    type: 'string' as const,
    pattern: `^(?:"${QUOTED_CHARACTER}{1,${MAX_LENGTH}}"|${BARE_CHARACTER}{1,${MAX_LENGTH}})$`,
    minLength: 1,
    maxLength: 2 * MAX_LENGTH + 2,
  },
  example: '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
});

/** The header of an operation that creates one resource. */
export const idempotencyKeyParameter = parameterFor('resource', '24 hours');

/** The header of an operation that creates a batch. */
export const batchKeyParameter = parameterFor('batch', '30 days');

/**
 * The `Idempotency-Key` of a request (draft-ietf-httpapi-idempotency-key-header-07), without its
 * quotes; undefined without the header.
 *
 * @throws Problem `violations` for an empty, malformed or too long one.
 */
export function idempotencyKey(c: Context): string | undefined {
  const name = 'idempotency-key';
  const header = c.req.header(name)?.trim();
  if (header === undefined) {
    return undefined;
  }
  const [, quoted] = QUOTED.exec(header) ?? [];
  const key = quoted?.replaceAll(/\\(["\\])/g, '$1') ?? (BARE.test(header) ? header : '');
  if (key === '' || key.length > MAX_LENGTH) {
    const code = key === '' ? 'invalid_format' : 'too_long';
    const detail = `Send a text of 1 to ${MAX_LENGTH} printable ASCII characters, such as a UUID, with or without double quotes around them.`;
    throw new Problem('violations', { violations: [{ in: 'header', name, code, detail }] });
  }
  return key;
}
