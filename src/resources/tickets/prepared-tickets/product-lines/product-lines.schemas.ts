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
  quantity: 'The number of times that the service is performed.',
};
const quantityRange = { minimum: 1, maximum: 2 ** 31 - 1 };

/** The description of the body of PUT. */
export const bodyDescription = 'The product line you wish to create or replace.';

/** The detail of a violation, and a part of a description: the path determines the member. */
export const repeatsPath = 'Send the identifier that is in the path, or leave this member out.';

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
      'A service to perform within a ticket. It has no identifier of its own: its ticket and its product identify it.',
    example: lineExample,
  });

/** The product and the quantity of a line in requests. */
export const lineMembers = {
  product_id: uuid('the product').openapi({ description: descriptions.product_id }),
  quantity: integer(quantityRange).openapi({ description: descriptions.quantity }),
};

/** The body of PUT. It may repeat the identifiers of the path, so that a response can be sent back. */
export const productLineUpdate = bodyOf({
  quantity: lineMembers.quantity,
  ticket_id: uuid('the ticket')
    .optional()
    .openapi({
      description: `${descriptions.ticket_id} ${repeatsPath}`,
    }),
  product_id: lineMembers.product_id.optional().openapi({
    description: `${descriptions.product_id} ${repeatsPath}`,
  }),
}).openapi('ProductLineUpdate', { description: bodyDescription });

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
