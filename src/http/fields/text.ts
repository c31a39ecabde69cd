import { z } from '@hono/zod-openapi';
import type { ViolationCode } from '../../problems/violation-codes.ts';

/** The rules for a text. Lengths count Unicode code points, as in JSON Schema. */
export interface TextRule {
  readonly minLength?: number;
  readonly maxLength?: number;
  /** Matches texts of any length that contain only allowed characters. */
  readonly alphabet?: RegExp;
  /** Matches texts of the right form, where length and alphabet are not sufficient. */
  readonly form?: RegExp;
  /** Whether the empty string is accepted regardless of the other rules. */
  readonly acceptsEmpty?: boolean;
  /** One sentence that tells the caller what to send. */
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
 * Returns the code of the first rule that a text breaks. NUL and lone surrogates are rejected in every
 * text, because the database cannot store them unchanged.
 */
function brokenRule(text: string, rule: TextRule): ViolationCode | undefined {
  const {
    minLength = 0,
    maxLength = Number.POSITIVE_INFINITY,
    alphabet,
    form,
    acceptsEmpty,
  } = rule;
  if (acceptsEmpty && text === '') {
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

/**
 * The pattern in the document of a text without other rules. It does not exclude lone surrogates, whose
 * meaning in JSON is undefined anyway (RFC 8259 §8.2).
 */
export const WITHOUT_NUL = '^[^\\x00]*$';

/**
 * Returns the source of a regular expression in the form that the document shows. No escape for a
 * character above U+007F works in all languages (Ruby rejects `\\x9f`, Go rejects `\\u009f`, ECMAScript
 * rejects `\\x{9f}`), so the pattern contains such a character itself.
 *
 * @param expression uses only the syntax that common languages share.
 */
export function patternOf({ source }: RegExp): string {
  return source.replaceAll(
    // biome-ignore lint/plugin: the text is an expression of this program, and no part of a request.
    /\\(?:x([89a-f][\da-f])|u([\da-f]{4})|u\{([\da-f]+)\}|.)/gi,
    (all, byte?: string, unit?: string, point?: string) => {
      const digits = byte ?? unit ?? point;
      return digits === undefined ? all : String.fromCodePoint(Number.parseInt(digits, 16));
    },
  );
}

/** Returns a zod schema for a text that follows `rule`. Its issues carry violation codes of the catalogue. */
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

/** The schema of a UUID in the document. */
export const uuidSchema = { format: 'uuid' } as const;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Returns a zod schema for a UUID of any version (RFC 9562 §4), which converts it to lower case. Versions
 * are not checked, because the ids of other systems do not always have one that the RFC defines.
 *
 * @param what the name of the identified thing, for the violation.
 */
export function uuid(what: string) {
  return text({
    form: UUID,
    expected: `Send ${what} as a UUID: 32 hexadecimal digits in groups of 8-4-4-4-12.`,
  })
    .transform((value) => value.toLowerCase())
    .openapi({ type: 'string', ...uuidSchema, pattern: undefined });
}
