import { json, operation } from '../../../http/operation.ts';
import { idempotencyKeyParameter } from '../../../http/requests/idempotency-key.ts';
import type { Violation } from '../../../problems/problem.ts';
import {
  newPreparedTicket,
  preparedTicket,
  preparedTicketList,
  preparedTicketPath,
  preparedTicketsQuery,
  preparedTicketUpdate,
  ticketExample,
} from './prepared-tickets.schemas.ts';

const COLLECTION = '/v2/tickets/prepared-tickets';
export const PREPARED_TICKET = `${COLLECTION}/{prepared-ticket-id}` as const;
const tags = ['Prepared tickets'];

const {
  id: _id,
  created_at: _createdAt,
  ticket_number: _number,
  ...writableExample
} = ticketExample;
const { customer_id: _customer, ...updateExample } = writableExample;

const violatedQuery: Violation[] = [
  {
    in: 'query',
    name: 'limit',
    code: 'out_of_range',
    detail: 'Send an integer from 0 to 1000, in decimal digits.',
  },
];
const violatedBody: Violation[] = [
  {
    in: 'body',
    pointer: '#/vin',
    code: 'too_short',
    detail: 'Send the 17 letters and digits of the VIN, or null.',
  },
];
/** Why a ticket is a 404. */
export const noTicket = 'There is no prepared ticket with this identifier.';

/** An id in the path that is no UUID. */
export const violatedTicketId: Violation[] = [
  {
    in: 'path',
    name: 'prepared-ticket-id',
    code: 'invalid_format',
    detail: 'Send the prepared ticket as a UUID: 32 hexadecimal digits in groups of 8-4-4-4-12.',
  },
];

export const listPreparedTickets = operation({
  method: 'get',
  path: COLLECTION,
  operationId: 'listPreparedTickets',
  access: 'prepared-tickets:read',
  tags,
  summary: 'Retrieve prepared tickets',
  description:
    'Retrieve a list of prepared tickets, newest first. All given filters apply together. `total` is exact. A parameter that is unknown, repeated or empty is a violation; only `vin` and `preparer_external_reference` may be empty.',
  request: { query: preparedTicketsQuery },
  violations: violatedQuery,
  responses: {
    200: json('Successful response.', preparedTicketList, {
      example: { query: { limit: 25, offset: 0 }, result: [ticketExample], total: 1 },
    }),
  },
});

export const createPreparedTicket = operation({
  method: 'post',
  path: COLLECTION,
  operationId: 'createPreparedTicket',
  access: 'prepared-tickets:write',
  tags,
  summary: 'Create a prepared ticket',
  description:
    'Create a new prepared ticket. With an `Idempotency-Key` a retry is safe: within 24 hours the same key with the same body creates no second ticket and returns the first response again, even if the ticket was changed or deleted since.',
  parameters: [idempotencyKeyParameter],
  request: {
    body: {
      required: true,
      description: 'The prepared ticket you wish to create.',
      content: { 'application/json': { schema: newPreparedTicket, example: writableExample } },
    },
  },
  violations: violatedBody,
  problems: ['idempotencyKeyReused'],
  responses: {
    201: json('Created.', preparedTicket, {
      example: ticketExample,
      headers: ['ETag', 'Location', 'Idempotent-Replayed'],
    }),
  },
});

export const getPreparedTicket = operation({
  method: 'get',
  path: PREPARED_TICKET,
  operationId: 'getPreparedTicket',
  access: 'prepared-tickets:read',
  tags,
  summary: 'Retrieve a prepared ticket',
  description: 'Retrieve a single prepared ticket by its identifier.',
  conditional: 'read',
  request: { params: preparedTicketPath },
  violations: violatedTicketId,
  problems: ['notFound'],
  missing: noTicket,
  responses: {
    200: json('Successful response.', preparedTicket, {
      example: ticketExample,
      headers: ['ETag'],
    }),
  },
});

export const updatePreparedTicket = operation({
  method: 'put',
  path: PREPARED_TICKET,
  operationId: 'updatePreparedTicket',
  access: 'prepared-tickets:write',
  tags,
  summary: 'Update a prepared ticket',
  description:
    'Update a single prepared ticket by its identifier: replaces the four members that can change. The customer of a ticket cannot change.',
  conditional: 'write',
  request: {
    params: preparedTicketPath,
    body: {
      required: true,
      description: 'The prepared ticket you wish to update.',
      content: { 'application/json': { schema: preparedTicketUpdate, example: updateExample } },
    },
  },
  violations: violatedBody,
  problems: ['notFound'],
  missing: noTicket,
  responses: {
    200: json('Successful response.', preparedTicket, {
      example: ticketExample,
      headers: ['ETag', 'Content-Location'],
    }),
  },
});

export const deletePreparedTicket = operation({
  method: 'delete',
  path: PREPARED_TICKET,
  operationId: 'deletePreparedTicket',
  access: 'prepared-tickets:write',
  tags,
  summary: 'Delete a prepared ticket',
  description: 'Delete a single prepared ticket by its identifier, with its product lines.',
  conditional: 'write',
  request: { params: preparedTicketPath },
  violations: violatedTicketId,
  problems: ['notFound'],
  missing: noTicket,
  responses: { 204: { description: 'Successfully removed.' } },
});
