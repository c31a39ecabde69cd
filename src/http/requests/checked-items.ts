import { z } from '@hono/zod-openapi';
import type { Violation } from '../../problems/problem.ts';
import { violationsOfItem } from '../../problems/violations.ts';

/** An item of a list that was validated on its own: what it says, or what is wrong with it. */
export type CheckedItem<Value> =
  | { readonly value: Value }
  | {
      /** The item as it was sent. */
      readonly sent: unknown;
      readonly violations: readonly Violation[];
    };

/** A list in a JSON body whose items are validated one by one. */
interface ItemsRule<S extends z.ZodType> {
  /** The member of the body that holds the list. */
  readonly member: string;
  readonly item: S;
  /** The name of the item's schema among the components of the document. */
  readonly itemName: string;
  readonly minItems: number;
  readonly maxItems: number;
  /** The most parts that the items may have altogether, and how many an item has as it was sent. */
  readonly maxParts: number;
  readonly partsOf: (sent: unknown) => number;
  readonly expected: string;
}

/**
 * A zod schema for a list whose items are validated one by one, so that the caller decides what becomes
 * of the valid ones when others are not. A list of a wrong length or weight is refused before any item of it
 * is validated: nobody makes the API count the violations of a hundred thousand items.
 */
export function checkedItems<S extends z.ZodType>(rule: ItemsRule<S>) {
  const { member, item, itemName, minItems, maxItems, maxParts, partsOf, expected } = rule;
  const check = (sent: unknown, index: number): CheckedItem<z.output<S>> => {
    const { data, error } = item.safeParse(sent);
    return error === undefined
      ? { value: data as z.output<S> }
      : { sent, violations: violationsOfItem(error.issues, sent, [member, index]) };
  };
  return (
    z
      .array(z.unknown(), { error: expected })
      .min(minItems, { error: expected })
      .max(maxItems, { error: expected })
      // A list that is too long has its violation already.
      .refine((items) => items.length > maxItems || sumOf(items.map(partsOf)) <= maxParts, {
        error: expected,
        params: { code: 'out_of_range' },
      })
      .transform((items) => items.map(check))
      .openapi({
        type: 'array',
        items: { $ref: `#/components/schemas/${itemName}` },
        minItems,
        maxItems,
      })
  );
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);
