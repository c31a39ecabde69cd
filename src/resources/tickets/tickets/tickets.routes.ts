import { json, operation } from '../../../http/operation.ts';
import { exampleViolations } from '../../../problems/violations.ts';
import { isSearch } from './filters.repository.ts';
import {
  pickedUpExample,
  ticket,
  ticketList,
  ticketPath,
  ticketsQuery,
} from './tickets.schemas.ts';

const COLLECTION = '/v2/tickets/tickets';
export const TICKET = `${COLLECTION}/{ticket-id}` as const;

/** The tags of the operations on picked-up tickets. */
export const tags = ['Tickets'];

/** The `detail` of a 404 for a ticket. */
export const noTicket = 'There is no picked-up ticket with this identifier.';

/** The violation of an identifier in the path that is not a UUID. */
export const violatedTicketId = exampleViolations('param', ticketPath, {
  'ticket-id': String(pickedUpExample.ticket_number),
});

export const listTickets = operation({
  method: 'get',
  path: COLLECTION,
  operationId: 'listTickets',
  access: 'prepared-tickets:read',
  tags,
  summary: 'Retrieve tickets',
  description:
    'Retrieve a list of the tickets that customers picked up, the most recently picked up first. If you send several filters, the list contains only tickets that match all of them. `total` is exact. An unknown, repeated or empty parameter is a violation; only `preparer_external_reference` may be empty.',
  heavy: { name: 'searches', when: isSearch },
  request: { query: ticketsQuery },
  violations: exampleViolations('query', ticketsQuery, { limit: '1001' }),
  responses: {
    200: json('Successful response.', ticketList, {
      example: { query: { limit: 25, offset: 0 }, result: [pickedUpExample], total: 1 },
    }),
  },
});

export const getTicket = operation({
  method: 'get',
  path: TICKET,
  operationId: 'getTicket',
  access: 'prepared-tickets:read',
  tags,
  summary: 'Retrieve a ticket',
  description:
    'Retrieve a single ticket that a customer picked up. Its identifier is that of the prepared ticket that it was.',
  conditional: 'read',
  request: { params: ticketPath },
  violations: violatedTicketId,
  problems: ['notFound'],
  missing: noTicket,
  responses: {
    200: json('Successful response.', ticket, { example: pickedUpExample, headers: ['ETag'] }),
  },
});
