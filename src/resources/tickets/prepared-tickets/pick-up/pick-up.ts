import { ticketTag } from '../../../../db/entity-tags.ts';
import { bodyOf } from '../../../../http/fields/object.ts';
import { json, jsonBody, operation } from '../../../../http/operation.ts';
import { changeOf } from '../../../../http/requests/change.ts';
import { preconditionsOf } from '../../../../http/requests/conditional.ts';
import { reply } from '../../../../http/responses/reply.ts';
import { serve } from '../../../../http/serve.ts';
import { exampleViolations } from '../../../../problems/violations.ts';
import { requestMembers, TICKETS, ticketExample } from '../../ticket.ts';
import { asTicket, pickedUpExample, ticket } from '../../tickets/tickets.ts';
import { ofTicket, PREPARED_TICKET } from '../prepared-ticket.ts';
import * as repository from './pick-up.repository.ts';

const bodyDescription = 'The customer who picks the ticket up.';

/** The body of POST. */
const pickUp = bodyOf({ customer_id: requestMembers.customer_id }).openapi('PickUp', {
  description: bodyDescription,
});

const pickUpPreparedTicket = operation({
  ...ofTicket,
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
    ...ofTicket.request,
    body: jsonBody(bodyDescription, pickUp, { customer_id: ticketExample.customer_id }),
  },
  violations: exampleViolations('json', pickUp, { customer_id: 'x' }),
  problems: ['notFound', 'notReady'],
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

/** Mounts `/v2/tickets/prepared-tickets/{prepared-ticket-id}/pick-up`. */
export const mountPickUp = serve(pickUpPreparedTicket, async (c) => {
  const { row, isNew } = await repository.pickUp(c.var.db, {
    change: changeOf(c),
    id: c.req.valid('param')['prepared-ticket-id'],
    customerId: c.req.valid('json').customer_id,
    preconditions: preconditionsOf(c),
    ticketsPerPart: c.var.dependencies.ticketsPerPart,
  });
  const facts = { tag: ticketTag.of(row), location: `${TICKETS}/${row.id}` };
  return reply(c, pickUpPreparedTicket, isNew ? 201 : 200, asTicket(row), facts);
});
