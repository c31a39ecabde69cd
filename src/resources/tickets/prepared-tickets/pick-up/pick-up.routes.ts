import { json, operation } from '../../../../http/operation.ts';
import { exampleViolations } from '../../../../problems/violations.ts';
import { pickedUpExample, ticket } from '../../tickets/tickets.schemas.ts';
import { noTicket, PREPARED_TICKET } from '../prepared-tickets.routes.ts';
import { preparedTicketPath } from '../prepared-tickets.schemas.ts';
import { bodyDescription, pickUp, pickUpExample } from './pick-up.schemas.ts';

export const pickUpPreparedTicket = operation({
  method: 'post',
  path: `${PREPARED_TICKET}/pick-up` as const,
  operationId: 'pickUpPreparedTicket',
  access: 'prepared-tickets:pick-up',
  tags: ['Tickets'],
  summary: 'Pick up a prepared ticket',
  description:
    'Pick up a prepared ticket in the name of its customer, as the Customer Portal does after it has authenticated the customer. The prepared ticket becomes a ticket with the same identifier and number, and no longer exists as a prepared ticket. It needs a VIN, a vehicle model and at least one product line. If the same customer has already picked up the ticket, the response is 200 with the ticket, so you can repeat the request. The prepared ticket of another customer returns 404.',
  conditional: 'write',
  request: {
    params: preparedTicketPath,
    body: {
      required: true,
      description: bodyDescription,
      content: { 'application/json': { schema: pickUp, example: pickUpExample } },
    },
  },
  violations: exampleViolations('json', pickUp, { customer_id: 'x' }),
  problems: ['notFound', 'notReady'],
  missing: noTicket,
  responses: {
    200: json('The customer had already picked up the ticket.', ticket, {
      example: pickedUpExample,
      headers: ['ETag', 'Content-Location'],
    }),
    201: json('The customer has picked up the ticket.', ticket, {
      example: pickedUpExample,
      headers: ['ETag', 'Content-Location', 'Location'],
    }),
  },
});
