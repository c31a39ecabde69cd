import { distinctList } from '../../../../http/fields/distinct-list.ts';
import { bodyOf } from '../../../../http/fields/object.ts';
import { lineExample, lineMembers } from './product-lines.schemas.ts';

/** The most lines of a ticket. A ticket from before this limit keeps those that it has more. */
export const MAX_LINES = 50;

const newProductLine = bodyOf(lineMembers, 'the line').openapi('NewProductLine', {
  description: 'A product line of a ticket that is written together with the ticket.',
});

/** The lines of a ticket that is written together with them; each product stands once. */
export const newProductLines = distinctList(newProductLine, {
  maxItems: MAX_LINES,
  key: 'product_id',
  expected: `Send a list of 0 to ${MAX_LINES} product lines.`,
  expectedOnce: 'Send one line for each product, and leave the others out.',
});

/** A line as requests send it. */
export const newLineExample = {
  product_id: lineExample.product_id,
  quantity: lineExample.quantity,
};
