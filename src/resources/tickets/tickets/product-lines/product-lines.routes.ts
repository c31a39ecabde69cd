import { json, operation } from '../../../../http/operation.ts';
import {
  lineExample,
  productLineList,
  productLinesQuery,
} from '../../prepared-tickets/product-lines/product-lines.schemas.ts';
import { noTicket, TICKET, tags, violatedTicketId } from '../tickets.routes.ts';
import { ticketPath } from '../tickets.schemas.ts';

export const listTicketProductLines = operation({
  method: 'get',
  path: `${TICKET}/product-lines`,
  operationId: 'listTicketProductLines',
  access: 'prepared-tickets:read',
  tags,
  summary: 'Retrieve the product lines of a ticket',
  description:
    'Retrieve the product lines of a ticket that a customer picked up, ordered by `product_id`.',
  request: { params: ticketPath, query: productLinesQuery },
  violations: violatedTicketId,
  problems: ['notFound'],
  missing: noTicket,
  responses: {
    200: json('Successful response.', productLineList, {
      example: { query: { limit: 25, offset: 0 }, result: [lineExample], total: 1 },
    }),
  },
});
