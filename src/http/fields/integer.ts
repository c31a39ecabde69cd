import { z } from '@hono/zod-openapi';

/** The largest integer that every JSON implementation reads exactly (RFC 8259 §6). */
export const MAX_INTEGER = Number.MAX_SAFE_INTEGER;

const DECIMAL = /^(?:0|-?[1-9][0-9]*)$/;

export interface IntegerRange {
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * Returns the schema in the document of an integer within a range. A range of more than 32 bits has no
 * `format`: client generators turn `int64` into a type that is wider than a double, although a double
 * represents every value up to `MAX_INTEGER`.
 */
export function integerSchema({ minimum, maximum }: IntegerRange) {
  return { ...(maximum < 2 ** 31 && { format: 'int32' as const }), minimum, maximum };
}

/** Returns a zod schema for an integer in a JSON body. */
export function integer(range: IntegerRange) {
  const { minimum, maximum } = range;
  const expected = `Send an integer from ${minimum} to ${maximum}, as a JSON number.`;
  return z
    .number({ error: expected })
    .superRefine((value, context) => {
      if (!Number.isInteger(value)) {
        context.addIssue({ code: 'custom', message: expected, params: { code: 'invalid_type' } });
      } else if (value < minimum || value > maximum) {
        context.addIssue({ code: 'custom', message: expected, params: { code: 'out_of_range' } });
      }
    })
    .openapi({ type: 'integer', ...integerSchema(range) });
}

/** Returns a zod schema for an integer query parameter in decimal digits, without exponent or leading zeros. */
export function integerParameter(range: IntegerRange) {
  const { minimum, maximum } = range;
  const expected = `Send an integer from ${minimum} to ${maximum}, in decimal digits.`;
  return z
    .string({ error: expected })
    .transform((digits, context) => {
      const value = DECIMAL.test(digits) ? Number(digits) : undefined;
      if (value === undefined) {
        context.addIssue({ code: 'custom', message: expected, params: { code: 'invalid_format' } });
        return z.NEVER;
      }
      if (value < minimum || value > maximum) {
        context.addIssue({ code: 'custom', message: expected, params: { code: 'out_of_range' } });
        return z.NEVER;
      }
      return value;
    })
    .openapi({ type: 'integer', ...integerSchema(range) });
}
