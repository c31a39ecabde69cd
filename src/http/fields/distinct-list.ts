import { z } from '@hono/zod-openapi';

/** A list of objects that one of their members tells apart. */
interface DistinctList {
  readonly maxItems: number;
  /** The member that no two items may share. */
  readonly key: string;
  /** One sentence that says how long the list may be. */
  readonly expected: string;
  /** One sentence that says what to do with an item whose key stood before. */
  readonly expectedOnce: string;
}

/** The positions of the items whose key stood before in the list. */
function repeatedItems(items: unknown, key: string): number[] {
  const seen = new Set<unknown>();
  return (Array.isArray(items) ? items : []).flatMap((item, index) => {
    const value = (item as Record<string, unknown> | null | undefined)?.[key];
    const isRepeated = typeof value === 'string' && seen.has(value);
    seen.add(value);
    return isRepeated ? [index] : [];
  });
}

/**
 * A zod schema for a list without duplicates in a JSON body. A list that is too long is refused before
 * any item of it is looked at, and duplicates are found beside all other violations.
 */
export function distinctList<S extends z.ZodObject>(item: S, rule: DistinctList) {
  const { maxItems, key, expected, expectedOnce } = rule;
  const items = z
    .array(item, { error: expected })
    .superRefine(
      (list, context) => {
        for (const index of repeatedItems(list, key)) {
          const params = { code: 'repeated_item' };
          context.addIssue({ code: 'custom', path: [index, key], message: expectedOnce, params });
        }
      },
      // Also when items have violations of their own: all of them are told at once.
      { when: () => true },
    )
    .openapi({ minItems: 0, maxItems });
  return z.preprocess((list, context) => {
    if (Array.isArray(list) && list.length > maxItems) {
      context.addIssue({ code: 'custom', message: expected, params: { code: 'out_of_range' } });
      return z.NEVER;
    }
    return list;
  }, items);
}
