import { etagHeader, json, operation } from '../../../../http/operation.ts';
import type { Violation } from '../../../../problems/problem.ts';
import { PREPARED_TICKET, violatedTicketId } from '../prepared-tickets.routes.ts';
import { preparedTicketPath } from '../prepared-tickets.schemas.ts';
import {
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

const violatedQuantity: Violation[] = [
  {
    in: 'body',
    pointer: '#/quantity',
    code: 'out_of_range',
    detail: 'Send an integer from 1 to 2147483647, as a JSON number.',
  },
];

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
  problems: ['notFound'],
  responses: {
    200: json('Successful response.', productLineList, {
      example: { query: { limit: 25, offset: 0 }, result: [lineExample], total: 1 },
      headers: {
        Link: 'The first, prev, next and last pages, where they exist (RFC 8288).',
      },
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
  description: 'Retrieve the line of one product on a prepared ticket.',
  conditional: 'read',
  request: { params: productLinePath },
  violations: violatedTicketId,
  problems: ['notFound'],
  responses: {
    200: json('Successful response.', productLine, { example: lineExample, headers: etagHeader }),
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
    'Put a product on a prepared ticket, or change its quantity. A prepared ticket should have at least one line to be usable for a customer.',
  conditional: 'write',
  request: {
    params: productLinePath,
    body: {
      required: true,
      description: 'The product line you wish to have.',
      content: {
        'application/json': {
          schema: productLineUpdate,
          example: { quantity: lineExample.quantity },
        },
      },
    },
  },
  violations: violatedQuantity,
  problems: ['notFound'],
  responses: {
    200: json('Replaced.', productLine, { example: lineExample, headers: etagHeader }),
    201: json('Created.', productLine, {
      example: lineExample,
      headers: { ...etagHeader, Location: 'The URL of the new line.' },
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
  description: 'Take a product off a prepared ticket.',
  conditional: 'write',
  request: { params: productLinePath },
  violations: violatedTicketId,
  problems: ['notFound'],
  responses: { 204: { description: 'Successfully removed.' } },
});
