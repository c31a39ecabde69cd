import { z } from '@hono/zod-openapi';
import { distinctList } from '../../http/fields/distinct-list.ts';
import { integer, integerSchema } from '../../http/fields/integer.ts';
import { member } from '../../http/fields/member.ts';
import { bodyOf, partOf, pick, queryOf } from '../../http/fields/object.ts';
import { uuid, uuidSchema } from '../../http/fields/text.ts';
import { appliedQuery, listOf, pageParameters } from '../../http/requests/pagination.ts';
import { ticketExample } from './ticket.ts';

/** The product lines of tickets, whether these are prepared or picked up. */

/** The maximum number of lines of a ticket. A ticket from before this limit keeps the lines that it has. */
export const MAX_LINES = 50;

const quantityRange = { minimum: 1, maximum: 2 ** 31 - 1 };

export const lineMembers = {
  ticket_id: member('Identifier of the ticket.', {
    writable: 'once',
    response: z.string().openapi(uuidSchema),
    request: uuid('the ticket'),
    example: ticketExample.id,
  }),
  product_id: member('Identifier of the product. The API does not check that the product exists.', {
    writable: 'once',
    response: z.string().openapi(uuidSchema),
    request: uuid('the product'),
    example: 'c4fe0c9c-6e9c-4f3f-9a3f-5d5b7ad6d9b3',
  }),
  quantity: member('The number of times that the service is performed.', {
    writable: 'always',
    response: z.int().openapi(integerSchema(quantityRange)),
    request: integer(quantityRange),
    example: 1,
  }),
};

export const lineExample = partOf(lineMembers, 'example');

export const productLine = z.object(partOf(lineMembers, 'response')).openapi('ProductLine', {
  description:
    'A service to perform within a ticket. It has no identifier of its own: its ticket and its product identify it.',
  example: lineExample,
});

/** The member `product_lines` of a response that has a ticket with all its lines. */
export const linesOfTicket = z
  .array(productLine.pick({ product_id: true, quantity: true }))
  .openapi({ description: 'All product lines of the ticket, ordered by `product_id`.' });

/** The members of a line that a request writes together with its ticket. */
const newLineMembers = ['product_id', 'quantity'] as const;

export const newLineExample = pick(lineExample, newLineMembers);

const newProductLine = bodyOf(
  pick(partOf(lineMembers, 'request'), newLineMembers),
  'the line',
).openapi('NewProductLine', {
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
