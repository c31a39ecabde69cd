import { z } from '@hono/zod-openapi';
import { distinctList } from '../../http/fields/distinct-list.ts';
import { integer, integerSchema } from '../../http/fields/integer.ts';
import { bodyOf, pick, queryOf } from '../../http/fields/object.ts';
import { uuid, uuidSchema } from '../../http/fields/text.ts';
import { appliedQuery, listOf, pageParameters } from '../../http/requests/pagination.ts';
import { ticketExample } from './ticket.ts';

/** The product lines of tickets, whether these are prepared or picked up. */

/** The maximum number of lines of a ticket. A ticket from before this limit keeps the lines that it has. */
export const MAX_LINES = 50;

export const lineExample = {
  ticket_id: ticketExample.id,
  product_id: 'c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3',
  quantity: 1,
};

/** A line in a request, which writes it together with its ticket. */
export const newLineExample = pick(lineExample, ['product_id', 'quantity']);

/** The descriptions of the identifiers of a line. */
export const idDescriptions = {
  ticket_id: 'Identifier of the ticket.',
  product_id: 'Identifier of the product. The API does not check that the product exists.',
};
const quantityDescription = 'The number of times that the service is performed.';
const quantityRange = { minimum: 1, maximum: 2 ** 31 - 1 };

export const productLine = z
  .object({
    ticket_id: z.string().openapi({ ...uuidSchema, description: idDescriptions.ticket_id }),
    product_id: z.string().openapi({ ...uuidSchema, description: idDescriptions.product_id }),
    quantity: z
      .int()
      .openapi({ ...integerSchema(quantityRange), description: quantityDescription }),
  })
  .openapi('ProductLine', {
    description:
      'A service to perform within a ticket. It has no identifier of its own: its ticket and its product identify it.',
    example: lineExample,
  });

/** The product and the quantity of a line in requests. */
export const lineMembers = {
  product_id: uuid('the product').openapi({ description: idDescriptions.product_id }),
  quantity: integer(quantityRange).openapi({ description: quantityDescription }),
};

const newProductLine = bodyOf(lineMembers, 'the line').openapi('NewProductLine', {
  description: 'A product line of a ticket that is written together with the ticket.',
});

/** The lines of a ticket in a request that writes them together, each product once. */
export const newProductLines = distinctList(newProductLine, {
  maxItems: MAX_LINES,
  key: 'product_id',
  expected: `Send a list of 0 to ${MAX_LINES} product lines.`,
  expectedOnce: 'Send one line for each product, and leave the others out.',
});

export const productLinesQuery = queryOf(pageParameters);

export const productLineList = listOf(
  appliedQuery({}).openapi('ProductLinesQuery'),
  productLine,
  'product lines',
).openapi('ProductLineList');

export const productLineListExample = {
  query: { limit: 25, offset: 0 },
  result: [lineExample],
  total: 1,
};

/** Returns a product line as responses show it. */
export function asLine<R extends { readonly product_id: string }>(ticketId: string, row: R) {
  return { ticket_id: ticketId, ...row };
}
