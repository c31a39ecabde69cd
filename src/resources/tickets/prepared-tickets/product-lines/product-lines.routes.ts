import { json, operation } from '../../../../http/operation.ts';
import { exampleViolations } from '../../../../problems/violations.ts';
import { noTicket, PREPARED_TICKET, violatedTicketId } from '../prepared-tickets.routes.ts';
import { preparedTicketPath } from '../prepared-tickets.schemas.ts';
import {
  bodyDescription,
  lineExample,
  productLine,
  productLineList,
  productLinePath,
  productLinesQuery,
  productLineUpdate,
} from './product-lines.schemas.ts';

const COLLECTION = `${PREPARED_TICKET}/product-lines` as const;
const PRODUCT_LINE = `${COLLECTION}/{product-id}` as const;
const tags = ['Product lines'];

/** The `detail` of a 404 for a product line. */
export const noLine =
  'There is no prepared ticket with this identifier that has a line for this product.';

const violatedQuantity = exampleViolations('json', productLineUpdate, { quantity: 0 });

export const listProductLines = operation({
  method: 'get',
  path: COLLECTION,
  operationId: 'listProductLines',
  access: 'prepared-tickets:read',
  tags,
  summary: 'Retrieve product lines',
  description: 'Retrieve the product lines of a prepared ticket, ordered by `product_id`.',
  request: { params: preparedTicketPath, query: productLinesQuery },
  violations: violatedTicketId,
  problems: ['notFound', 'pickedUp'],
  missing: noTicket,
  responses: {
    200: json('Successful response.', productLineList, {
      example: { query: { limit: 25, offset: 0 }, result: [lineExample], total: 1 },
    }),
  },
});

export const getProductLine = operation({
  method: 'get',
  path: PRODUCT_LINE,
  operationId: 'getProductLine',
  access: 'prepared-tickets:read',
  tags,
  summary: 'Retrieve a product line',
  description: 'Retrieve the line for one product on a prepared ticket.',
  conditional: 'read',
  request: { params: productLinePath },
  violations: violatedTicketId,
  problems: ['notFound', 'pickedUp'],
  missing: noLine,
  responses: {
    200: json('Successful response.', productLine, { example: lineExample, headers: ['ETag'] }),
  },
});

export const putProductLine = operation({
  method: 'put',
  path: PRODUCT_LINE,
  operationId: 'putProductLine',
  access: 'prepared-tickets:write',
  tags,
  summary: 'Create or replace a product line',
  description:
    'Add a product to a prepared ticket, or change its quantity. A prepared ticket should have at least one line to be usable for a customer. With `If-None-Match: *`, the request only creates a line and never replaces one. A prepared ticket has at most 50 lines.',
  conditional: 'write',
  request: {
    params: productLinePath,
    body: {
      required: true,
      description: bodyDescription,
      content: {
        'application/json': {
          schema: productLineUpdate,
          example: { quantity: lineExample.quantity },
        },
      },
    },
  },
  violations: violatedQuantity,
  problems: ['notFound', 'tooManyProductLines', 'pickedUp'],
  missing: noTicket,
  responses: {
    200: json('The existing line was replaced.', productLine, {
      example: lineExample,
      headers: ['ETag', 'Content-Location'],
    }),
    201: json('The line was created.', productLine, {
      example: lineExample,
      headers: ['ETag', 'Content-Location', 'Location'],
    }),
  },
});

export const deleteProductLine = operation({
  method: 'delete',
  path: PRODUCT_LINE,
  operationId: 'deleteProductLine',
  access: 'prepared-tickets:write',
  tags,
  summary: 'Delete a product line',
  description: 'Remove a product from a prepared ticket.',
  conditional: 'write',
  request: { params: productLinePath },
  violations: violatedTicketId,
  problems: ['notFound', 'pickedUp'],
  missing: noLine,
  responses: { 204: { description: 'Successfully removed.' } },
});
