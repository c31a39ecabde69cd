import { z } from '@hono/zod-openapi';
import type { ViolationCode } from '../../problems/catalogue.ts';

/**
 * Characters that set the direction of text (UAX #9), for a regular expression: they make a terminal or
 * a list show something else than what is there.
 */
export const BIDIRECTIONAL_CONTROLS = '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';

/** What a text must be. Lengths count Unicode code points, as JSON Schema does. */
export interface TextRule {
  readonly minLength?: number;
  readonly maxLength?: number;
  /** Matches a text that holds allowed characters only, whatever its length. */
  readonly alphabet?: RegExp;
  /** Matches a text of the right form, when length and alphabet do not say it all. */
  readonly form?: RegExp;
  /** Whether no text at all is good too, whatever the other rules say. */
  readonly orEmpty?: boolean;
  /** One sentence that says what to send. */
  readonly expected: string;
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) {
    count++;
  }
  return count;
}

/** The first rule that a text breaks. NUL and lone surrogates cannot be stored as sent, so none may hold them. */
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

/** For the document: JSON itself can hold no lone surrogate that has a meaning (RFC 8259 §8.2). */
export const WITHOUT_NUL = '^[^\\x00]*$';

/**
 * Returns the source of a regular expression as the document prints it. An escape for a character
 * above U+007F has a spelling in each language and none in all of them (Ruby refuses `\\x9f`, Go
 * refuses `\\u009f`, ECMAScript refuses `\\x{9f}`), so such a character stands for itself.
 *
 * @param expression one with the syntax that common languages share.
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

/** A zod schema for a text that follows `rule`; its violations carry codes of the catalogue. */
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

/** What the document says of a UUID. */
export const uuidSchema = { format: 'uuid' } as const;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * A zod schema for a UUID of any version (RFC 9562 §4), lower-cased: the ids of other systems are
 * not always of a version that the RFC knows.
 */
export function uuid(what: string) {
  return text({
    form: UUID,
    expected: `Send ${what} as a UUID: 32 hexadecimal digits in groups of 8-4-4-4-12.`,
  })
    .transform((value) => value.toLowerCase())
    .openapi({ type: 'string', ...uuidSchema, pattern: undefined });
}
