import { z } from '@hono/zod-openapi';
import { integer, integerSchema } from '../../../../http/fields/integer.ts';
import { bodyOf, queryOf } from '../../../../http/fields/object.ts';
import { uuid, uuidSchema } from '../../../../http/fields/text.ts';
import { listOf, pageEcho, pageParameters } from '../../../../http/requests/pagination.ts';
import { preparedTicketPath, productExample, ticketExample } from '../prepared-tickets.schemas.ts';

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
      description: `${descriptions.ticket_id} Leave it out, or send the one of the path.`,
    }),
  product_id: uuid('the product')
    .optional()
    .openapi({
      description: `${descriptions.product_id} Leave it out, or send the one of the path.`,
    }),
}).openapi('ProductLineUpdate', { description: 'The product line you wish to have.' });

export const productLinesQuery = queryOf(pageParameters);

export const productLineList = listOf(
  z.object(pageEcho).openapi('ProductLinesQuery', {
    description: 'Applied query parameters, including defaults.',
  }),
  productLine,
  'product lines',
).openapi('ProductLineList');

export const productLinePath = preparedTicketPath.extend({
  'product-id': uuid('the product').openapi({
    param: { description: 'Identifier of the product.', example: lineExample.product_id },
  }),
});
