import { z } from '@hono/zod-openapi';
import { integer, integerSchema } from '../../../../http/fields/integer.ts';
import { bodyOf, queryOf } from '../../../../http/fields/object.ts';
import { uuid, uuidSchema } from '../../../../http/fields/text.ts';
import { appliedQuery, listOf, pageParameters } from '../../../../http/requests/pagination.ts';
import { productExample } from '../filters.ts';
import { preparedTicketPath } from '../prepared-tickets.schemas.ts';
import { ticketExample } from '../ticket-members.ts';

export const lineExample = {
  ticket_id: ticketExample.id,
  product_id: productExample,
  quantity: 1,
};

const descriptions = {
  ticket_id: 'Identifier of the ticket.',
  product_id: 'Identifier of the product. The API does not check that the product exists.',
  quantity: 'How often the service is performed.',
};
const quantityRange = { minimum: 1, maximum: 2 ** 31 - 1 };

/** What the document says of the body of PUT. */
export const bodyDescription = 'The product line you wish to have.';

/** What a request may do with a member that its path decides. */
export const repeatsPath = 'Leave it out, or send the one that the path names.';

export const productLine = z
  .object({
    ticket_id: z.string().openapi({ ...uuidSchema, description: descriptions.ticket_id }),
    product_id: z.string().openapi({ ...uuidSchema, description: descriptions.product_id }),
    quantity: z
      .int()
      .openapi({ ...integerSchema(quantityRange), description: descriptions.quantity }),
  })
  .openapi('ProductLine', {
    description:
      'A service performed within a ticket. It has no identifier of its own: it is known by its ticket and its product.',
    example: lineExample,
  });

/** The body of PUT; what the path says may be repeated, so that what was read can be sent back. */
export const productLineUpdate = bodyOf({
  quantity: integer(quantityRange).openapi({ description: descriptions.quantity }),
  ticket_id: uuid('the ticket')
    .optional()
    .openapi({
      description: `${descriptions.ticket_id} ${repeatsPath}`,
    }),
  product_id: uuid('the product')
    .optional()
    .openapi({
      description: `${descriptions.product_id} ${repeatsPath}`,
    }),
}).openapi('ProductLineUpdate', { description: bodyDescription });

/** Lines that may be written with a ticket in one request. */
const MAX_LINES = 50;

const newProductLine = z
  .strictObject(
    {
      product_id: uuid('the product').openapi({ description: descriptions.product_id }),
      quantity: integer(quantityRange).openapi({ description: descriptions.quantity }),
    },
    {
      error: (issue) =>
        issue.code === 'unrecognized_keys'
          ? 'Leave this member out; a product line has product_id, quantity.'
          : 'Send a JSON object with product_id and quantity.',
    },
  )
  .openapi('NewProductLine', { description: 'A product line that is written with its ticket.' });

/** The product lines that are written with a ticket: each product once. */
export const newProductLines = z
  .array(newProductLine, { error: 'Send a list of product lines.' })
  .max(MAX_LINES, { error: `Send a list of 0 to ${MAX_LINES} product lines.` })
  .superRefine((lines, context) => {
    const seen = new Set<string>();
    for (const [i, { product_id }] of lines.entries()) {
      if (seen.has(product_id)) {
        const message = 'Send each product once, with the whole quantity.';
        const params = { code: 'repeated_item' };
        context.addIssue({ code: 'custom', message, params, path: [i, 'product_id'] });
      }
      seen.add(product_id);
    }
  });

export const productLinesQuery = queryOf(pageParameters);

export const productLineList = listOf(
  appliedQuery({}).openapi('ProductLinesQuery'),
  productLine,
  'product lines',
).openapi('ProductLineList');

export const productLinePath = preparedTicketPath.extend({
  'product-id': uuid('the product').openapi({
    param: { description: 'Identifier of the product.', example: lineExample.product_id },
  }),
});
