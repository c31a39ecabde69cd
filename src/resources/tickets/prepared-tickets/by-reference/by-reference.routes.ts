import { json, operation } from '../../../../http/operation.ts';
import { idempotencyKeyParameter } from '../../../../http/requests/idempotency-key.ts';
import { exampleViolations } from '../../../../problems/violations.ts';
import { preparedTicket } from '../prepared-tickets.schemas.ts';
import { ticketExample } from '../ticket-members.ts';
import {
  bodyDescription,
  bodyExample,
  preparedTicketByReference,
  referencePath,
} from './by-reference.schemas.ts';
import { requireReadableReference } from './path.ts';

/** The path that ends before the reference. */
export const WITHOUT_REFERENCE = '/v2/tickets/prepared-tickets/by-reference/';
const BY_REFERENCE = `${WITHOUT_REFERENCE}{preparer_external_reference}` as const;

/** The `detail` of a 404. */
export const noTicket = 'There is no prepared ticket with this reference.';

const violatedReference = exampleViolations('param', referencePath, {
  preparer_external_reference: 'R'.repeat(256),
});

/** What the three operations have in common. */
const common = {
  path: BY_REFERENCE,
  tags: ['Prepared tickets'],
  middleware: requireReadableReference,
};

export const getPreparedTicketByReference = operation({
  ...common,
  method: 'get',
  operationId: 'getPreparedTicketByReference',
  access: 'prepared-tickets:read',
  summary: 'Retrieve a prepared ticket by reference',
  description: 'Retrieve the one prepared ticket that has your reference.',
  conditional: 'read',
  request: { params: referencePath },
  violations: violatedReference,
  problems: ['notFound', 'ambiguousReference', 'pickedUp'],
  missing: noTicket,
  responses: {
    200: json('Successful response.', preparedTicket, {
      example: ticketExample,
      headers: ['ETag'],
    }),
  },
});

export const putPreparedTicketByReference = operation({
  ...common,
  method: 'put',
  operationId: 'putPreparedTicketByReference',
  access: 'prepared-tickets:write',
  summary: 'Create or replace a prepared ticket by reference',
  description:
    'Create the prepared ticket with your reference, or replace the writable members of the ticket that already has it. `product_lines` replaces all product lines; without it they stay as they are. You can repeat the request at any time without an `Idempotency-Key`, because it never creates a second ticket. If you send a key, it is respected. You cannot change the customer of a ticket. If a ticket with your reference was picked up, the response is 410 and nothing is saved.',
  parameters: [idempotencyKeyParameter],
  conditional: 'write',
  request: {
    params: referencePath,
    body: {
      required: true,
      description: bodyDescription,
      content: {
        'application/json': { schema: preparedTicketByReference, example: bodyExample },
      },
    },
  },
  violations: exampleViolations('json', preparedTicketByReference, {
    ...bodyExample,
    vin: bodyExample.vin.slice(1),
  }),
  problems: ['ambiguousReference', 'ticketQuotaExceeded', 'pickedUp', 'idempotencyKeyReused'],
  responses: {
    200: json('The ticket was there, and is replaced.', preparedTicket, {
      example: ticketExample,
      headers: ['ETag', 'Content-Location', 'Idempotent-Replayed'],
    }),
    201: json('The ticket was not there, and is created.', preparedTicket, {
      example: ticketExample,
      headers: ['ETag', 'Content-Location', 'Location', 'Idempotent-Replayed'],
    }),
  },
});

export const deletePreparedTicketByReference = operation({
  ...common,
  method: 'delete',
  operationId: 'deletePreparedTicketByReference',
  access: 'prepared-tickets:write',
  summary: 'Delete a prepared ticket by reference',
  description:
    'Delete the one prepared ticket that has your reference, with its product lines. A later PUT with the reference creates a new ticket.',
  conditional: 'write',
  request: { params: referencePath },
  violations: violatedReference,
  problems: ['notFound', 'ambiguousReference', 'pickedUp'],
  missing: noTicket,
  responses: { 204: { description: 'Successfully removed.' } },
});
