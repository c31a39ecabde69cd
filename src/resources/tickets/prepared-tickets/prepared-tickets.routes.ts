import { pick } from '../../../http/fields/object.ts';
import { json, operation } from '../../../http/operation.ts';
import { idempotencyKeyParameter } from '../../../http/requests/idempotency-key.ts';
import { exampleViolations } from '../../../problems/violations.ts';
import { isSearch } from './filters.repository.ts';
import {
  bodyDescriptions,
  newPreparedTicket,
  preparedTicket,
  preparedTicketList,
  preparedTicketPath,
  preparedTicketsQuery,
  preparedTicketUpdate,
} from './prepared-tickets.schemas.ts';
import { changeableMembers, ticketExample, writableMembers } from './ticket-members.ts';

const COLLECTION = '/v2/tickets/prepared-tickets';
export const PREPARED_TICKET = `${COLLECTION}/{prepared-ticket-id}` as const;
const tags = ['Prepared tickets'];

const writableExample = pick(ticketExample, writableMembers);
const updateExample = pick(ticketExample, changeableMembers);

const violatedQuery = exampleViolations('query', preparedTicketsQuery, { limit: '1001' });
const tooShortVin = { vin: ticketExample.vin.slice(1) };

/** The `detail` of a 404 for a ticket. */
export const noTicket = 'There is no prepared ticket with this identifier.';

/** The violation of an identifier in the path that is not a UUID. */
export const violatedTicketId = exampleViolations('param', preparedTicketPath, {
  'prepared-ticket-id': String(ticketExample.ticket_number),
});

export const listPreparedTickets = operation({
  method: 'get',
  path: COLLECTION,
  operationId: 'listPreparedTickets',
  access: 'prepared-tickets:read',
  tags,
  summary: 'Retrieve prepared tickets',
  description:
    'Retrieve a list of prepared tickets, newest first. If you send several filters, the list contains only tickets that match all of them. `total` is exact. An unknown, repeated or empty parameter is a violation; only `vin` and `preparer_external_reference` may be empty.',
  heavy: { name: 'searches', when: isSearch },
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
    'Create a new prepared ticket. With an `Idempotency-Key`, a retry is safe: if you send the same key with the same body within 24 hours, the API creates no second ticket and returns the original response again, even if the ticket was changed or deleted in the meantime.',
  parameters: [idempotencyKeyParameter],
  request: {
    body: {
      required: true,
      description: bodyDescriptions.create,
      content: { 'application/json': { schema: newPreparedTicket, example: writableExample } },
    },
  },
  violations: exampleViolations('json', newPreparedTicket, { ...writableExample, ...tooShortVin }),
  problems: ['ticketQuotaExceeded', 'idempotencyKeyReused'],
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
  problems: ['notFound', 'pickedUp'],
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
    'Update a single prepared ticket by its identifier. The request replaces all four members that can change. The customer of a ticket cannot change.',
  conditional: 'write',
  request: {
    params: preparedTicketPath,
    body: {
      required: true,
      description: bodyDescriptions.update,
      content: { 'application/json': { schema: preparedTicketUpdate, example: updateExample } },
    },
  },
  violations: exampleViolations('json', preparedTicketUpdate, { ...updateExample, ...tooShortVin }),
  problems: ['notFound', 'pickedUp'],
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
  description:
    'Delete a single prepared ticket by its identifier. This also deletes its product lines.',
  conditional: 'write',
  request: { params: preparedTicketPath },
  violations: violatedTicketId,
  problems: ['notFound', 'pickedUp'],
  missing: noTicket,
  responses: { 204: { description: 'Successfully removed.' } },
});
