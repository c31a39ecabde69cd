import { z } from '@hono/zod-openapi';

/**
 * Returns the schema in the document of a string whose list of values can grow. It has no `enum`, because a client that
 * was generated from one would reject the values that are added later. The values of today are `examples`, which
 * generators put beside the type, and each must stand in the description.
 */
export const openSchema = (known: readonly string[]) => ({
  type: 'string' as const,
  pattern: '^[ -~]+$',
  maxLength: 50,
  examples: [...known],
});

/**
 * Returns a zod schema for a string in a response whose list of values can grow. For this program, the values are those
 * of the list; for a client, they are examples.
 *
 * @see closedForever for the lists that never grow.
 */
export function openString<const V extends string>(known: readonly V[], description: string) {
  return z.enum(known).openapi({ ...openSchema(known), description });
}

/** The most items that a list of open values has in a response, however many values there are at present. */
export const MAX_OPEN_ITEMS = 100;

/** Returns the values of a list for a description in Markdown, each as code. */
export const inCode = (values: readonly string[]): string =>
  values.map((value) => `\`${value}\``).join(', ');

/** Returns the schema of `openString` for a value that can be null. */
export const openStringOrNull = <const V extends string>(
  known: readonly V[],
  description: string,
) =>
  openString(known, description)
    .nullable()
    .openapi({ type: ['string', 'null'] });
