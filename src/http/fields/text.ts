import { z } from '@hono/zod-openapi';
import type { ViolationCode } from '../../problems/catalogue.ts';

/**
 * The characters that control the direction of text (UAX #9), as part of a character class in a regular
 * expression. They can make a terminal or a list display other text than the string contains.
 */
export const BIDIRECTIONAL_CONTROLS = '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';

/** The rules for a string. Lengths are in Unicode code points, as in JSON Schema. */
export interface TextRule {
  readonly minLength?: number;
  readonly maxLength?: number;
  /** Matches a string of any length that consists of allowed characters only. */
  readonly alphabet?: RegExp;
  /** Matches a string of the required form, if length and alphabet are not enough to describe it. */
  readonly form?: RegExp;
  /** Whether the empty string is accepted regardless of the other rules. */
  readonly orEmpty?: boolean;
  /** The detail of a violation: one sentence that tells the caller what to send. */
  readonly expected: string;
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) {
    count++;
  }
  return count;
}

/**
 * Returns the code of the first rule that a string breaks, or undefined. Every string with NUL or a lone
 * surrogate is rejected, because the database cannot store these unchanged.
 */
function brokenRule(text: string, rule: TextRule): ViolationCode | undefined {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, alphabet, form, orEmpty } = rule;
  if (orEmpty && text === '') {
    return undefined;
  }
  if (text.includes('\0') || !text.isWellFormed()) {
    return 'invalid_character';
  }
  const length = codePoints(text);
  if (length < minLength) {
    return 'too_short';
  }
  if (length > maxLength) {
    return 'too_long';
  }
  if (alphabet?.test(text) === false) {
    return 'invalid_character';
  }
  return form?.test(text) === false ? 'invalid_format' : undefined;
}

/** A pattern for the document. It excludes NUL only: lone surrogates are unpredictable in JSON (RFC 8259 §8.2). */
export const WITHOUT_NUL = '^[^\\x00]*$';

/**
 * Returns the source of a regular expression as a pattern for the document. No escape for a character
 * above U+007F works in every language (Ruby rejects `\\x9f`, Go rejects `\\u009f`, ECMAScript rejects
 * `\\x{9f}`), so each such escape is replaced by the character itself.
 *
 * @param expression a regular expression in the syntax that common languages share.
 */
export function patternOf({ source }: RegExp): string {
  return source.replaceAll(
    /\\(?:x([89a-f][\da-f])|u([\da-f]{4})|u\{([\da-f]+)\}|.)/gi,
    (all, byte?: string, unit?: string, point?: string) => {
      const digits = byte ?? unit ?? point;
      return digits === undefined ? all : String.fromCodePoint(Number.parseInt(digits, 16));
    },
  );
}

/** Returns a zod schema for a string that follows a rule. Its violations have codes of the catalogue. */
export function text(rule: TextRule) {
  const { minLength, maxLength, alphabet, form, expected } = rule;
  const expression = alphabet ?? form;
  const pattern = expression ? patternOf(expression) : WITHOUT_NUL;
  return z
    .string({ error: expected })
    .superRefine((value, context) => {
      const code = brokenRule(value, rule);
      if (code !== undefined) {
        context.addIssue({ code: 'custom', message: expected, params: { code } });
      }
    })
    .openapi({ minLength, maxLength, pattern });
}

/** What the document says about a UUID. */
export const uuidSchema = { format: 'uuid' } as const;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Returns a zod schema for a UUID, which it converts to lower case. Any version is accepted, because
 * identifiers of other systems do not always have a version that RFC 9562 §4 defines.
 *
 * @param what the noun for the identified resource, with its article, for the detail of a violation.
 */
export function uuid(what: string) {
  return text({
    form: UUID,
    expected: `Send ${what} as a UUID: 32 hexadecimal digits in groups of 8-4-4-4-12.`,
  })
    .transform((value) => value.toLowerCase())
    .openapi({ type: 'string', ...uuidSchema, pattern: undefined });
}
