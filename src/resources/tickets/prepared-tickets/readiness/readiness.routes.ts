import { json, operation } from '../../../../http/operation.ts';
import { noTicket, PREPARED_TICKET, violatedTicketId } from '../prepared-tickets.routes.ts';
import { preparedTicketPath } from '../prepared-tickets.schemas.ts';
import { readiness, readinessExample } from './readiness.schemas.ts';

export const getReadiness = operation({
  method: 'get',
  path: `${PREPARED_TICKET}/readiness` as const,
  operationId: 'getPreparedTicketReadiness',
  access: 'prepared-tickets:read',
  tags: ['Prepared tickets'],
  summary: 'Retrieve the readiness of a prepared ticket',
  description:
    'Retrieve whether the customer sees a prepared ticket in the Customer Portal, and what it lacks if not.',
  request: { params: preparedTicketPath },
  violations: violatedTicketId,
  problems: ['notFound', 'pickedUp'],
  missing: noTicket,
  responses: { 200: json('Successful response.', readiness, { example: readinessExample }) },
});
