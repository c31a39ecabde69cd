import { sha256 } from '../../../auth/secrets.ts';
import { ticketTag } from '../../../db/entity-tags.ts';
import { bodyOf, pick, queryOf } from '../../../http/fields/object.ts';
import { json, jsonBody, operation } from '../../../http/operation.ts';
import { changeOf } from '../../../http/requests/change.ts';
import { notModified, preconditionsOf } from '../../../http/requests/conditional.ts';
import { idempotencyKey, idempotencyKeyParameter } from '../../../http/requests/idempotency-key.ts';
import { appliedQuery, listOf, pageParameters } from '../../../http/requests/pagination.ts';
import { reply } from '../../../http/responses/reply.ts';
import { mounted, serve } from '../../../http/serve.ts';
import { exampleViolations } from '../../../problems/violations.ts';
import {
  changeableMembers,
  readOnlyMembers,
  requestMembers,
  ticketExample,
  ticketMembers,
  writableMembers,
} from '../ticket.ts';
import { mountByReference } from './by-reference/by-reference.ts';
import { isSearch } from './filters.repository.ts';
import { echoOf, filterEchoes, filterParameters } from './filters.ts';
import { missingTicket } from './missing-ticket.repository.ts';
import { mountPickUp } from './pick-up/pick-up.ts';
import {
  asTicket,
  customerIsFixed,
  newPreparedTicket,
  newTicketDescription,
  ofTicket,
  PREPARED_TICKET,
  PREPARED_TICKETS,
  preparedTicket,
} from './prepared-ticket.ts';
import * as repository from './prepared-tickets.repository.ts';
import { mountProductLines } from './product-lines/product-lines.ts';
import { mountReadiness } from './readiness/readiness.ts';

const tags = ['Prepared tickets'];
const tooShortVin = { vin: ticketExample.vin.slice(1) };

const listQuery = queryOf({ ...filterParameters, ...pageParameters });

const preparedTicketList = listOf(
  appliedQuery(filterEchoes).openapi('PreparedTicketsQuery'),
  preparedTicket,
  'prepared tickets',
).openapi('PreparedTicketList');

const listPreparedTickets = operation({
  method: 'get',
  path: PREPARED_TICKETS,
  operationId: 'listPreparedTickets',
  access: 'prepared-tickets:read',
  tags,
  summary: 'Retrieve prepared tickets',
  description:
    'Retrieve a list of prepared tickets, newest first. If you send several filters, the list contains only tickets that match all of them. `total` is exact. An unknown, repeated or empty parameter is a violation; only `vin` and `preparer_external_reference` may be empty.',
  ownLimit: { name: 'searches', when: isSearch },
  request: { query: listQuery },
  violations: exampleViolations('query', listQuery, { limit: '1001' }),
  responses: {
    200: json('Successful response.', preparedTicketList, {
      example: { query: { limit: 25, offset: 0 }, result: [ticketExample], total: 1 },
    }),
  },
});

const list = serve(listPreparedTickets, async (c) => {
  const { limit, offset, ...filters } = c.req.valid('query');
  const page = { limit, offset };
  const { db, principal } = c.var;
  const found = await repository.listPreparedTickets(db, principal.partnerId, filters, page);
  const query = { ...page, ...echoOf(filters) };
  const body = { query, result: found.rows.map(asTicket), total: found.total };
  return reply(c, listPreparedTickets, 200, body, { page });
});

const newTicketExample = pick(ticketExample, writableMembers);

const createPreparedTicket = operation({
  method: 'post',
  path: PREPARED_TICKETS,
  operationId: 'createPreparedTicket',
  access: 'prepared-tickets:write',
  tags,
  summary: 'Create a prepared ticket',
  description:
    'Create a new prepared ticket. With an `Idempotency-Key`, a retry is safe: if you send the same key with the same body within 24 hours, the API creates no second ticket and returns the original response again, even if the ticket was changed or deleted in the meantime.',
  parameters: [idempotencyKeyParameter],
  request: { body: jsonBody(newTicketDescription, newPreparedTicket, newTicketExample) },
  violations: exampleViolations('json', newPreparedTicket, { ...newTicketExample, ...tooShortVin }),
  problems: ['ticketQuotaExceeded', 'idempotencyKeyReused'],
  responses: {
    201: json('Created.', preparedTicket, {
      example: ticketExample,
      headers: ['ETag', 'Location', 'Idempotent-Replayed'],
    }),
  },
});

const create = serve(createPreparedTicket, async (c) => {
  const values = pick(c.req.valid('json'), writableMembers);
  const { newId, ticketsPerPart } = c.var.dependencies;
  const key = idempotencyKey(c);
  const once =
    key === undefined ? undefined : { key, fingerprint: await sha256(JSON.stringify(values)) };
  const { row, isReplay } = await repository.createPreparedTicket(
    c.var.db,
    { id: newId(), ...values },
    { ...changeOf(c), ticketsPerPart },
    once,
  );
  const facts = { tag: ticketTag.of(row), location: `${PREPARED_TICKETS}/${row.id}`, isReplay };
  return reply(c, createPreparedTicket, 201, asTicket(row), facts);
});

const getPreparedTicket = operation({
  ...ofTicket,
  method: 'get',
  path: PREPARED_TICKET,
  operationId: 'getPreparedTicket',
  access: 'prepared-tickets:read',
  tags,
  summary: 'Retrieve a prepared ticket',
  description: 'Retrieve a single prepared ticket by its identifier.',
  conditional: 'read',
  responses: {
    200: json('Successful response.', preparedTicket, {
      example: ticketExample,
      headers: ['ETag'],
    }),
  },
});

const get = serve(getPreparedTicket, async (c) => {
  const id = c.req.valid('param')['prepared-ticket-id'];
  const { db, principal } = c.var;
  const row = await repository.findPreparedTicket(db, principal.partnerId, id);
  if (row === undefined) {
    throw await missingTicket(db, principal.partnerId, id);
  }
  const tag = ticketTag.of(row);
  return notModified(c, tag) ?? reply(c, getPreparedTicket, 200, asTicket(row), { tag });
});

const updateDescription = 'The prepared ticket you wish to update.';

/** The body of PUT. All members that can change are required. */
const preparedTicketUpdate = bodyOf({
  ...pick(requestMembers, changeableMembers),
  customer_id: requestMembers.customer_id.optional().openapi({
    description: `${ticketMembers.customer_id.description} ${customerIsFixed}`,
  }),
  ...pick(requestMembers, readOnlyMembers),
}).openapi('PreparedTicketUpdate', { description: updateDescription });

const updateExample = pick(ticketExample, changeableMembers);

const updatePreparedTicket = operation({
  ...ofTicket,
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
    ...ofTicket.request,
    body: jsonBody(updateDescription, preparedTicketUpdate, updateExample),
  },
  violations: exampleViolations('json', preparedTicketUpdate, { ...updateExample, ...tooShortVin }),
  responses: {
    200: json('Successful response.', preparedTicket, {
      example: ticketExample,
      headers: ['ETag', 'Content-Location'],
    }),
  },
});

const update = serve(updatePreparedTicket, async (c) => {
  const body = c.req.valid('json');
  const row = await repository.updatePreparedTicket(
    c.var.db,
    {
      change: changeOf(c),
      id: c.req.valid('param')['prepared-ticket-id'],
      preconditions: preconditionsOf(c),
    },
    pick(body, changeableMembers),
    body.customer_id,
  );
  const facts = { tag: ticketTag.of(row), location: `${PREPARED_TICKETS}/${row.id}` };
  return reply(c, updatePreparedTicket, 200, asTicket(row), facts);
});

const deletePreparedTicket = operation({
  ...ofTicket,
  method: 'delete',
  path: PREPARED_TICKET,
  operationId: 'deletePreparedTicket',
  access: 'prepared-tickets:write',
  tags,
  summary: 'Delete a prepared ticket',
  description:
    'Delete a single prepared ticket by its identifier. This also deletes its product lines.',
  conditional: 'write',
  responses: { 204: { description: 'Successfully removed.' } },
});

const remove = serve(deletePreparedTicket, async (c) => {
  await repository.deletePreparedTicket(c.var.db, {
    change: changeOf(c),
    id: c.req.valid('param')['prepared-ticket-id'],
    preconditions: preconditionsOf(c),
  });
  return c.body(null, 204);
});

/** Mounts `/v2/tickets/prepared-tickets` and the resources below it. */
export const mountPreparedTickets = mounted(
  // First, because `by-reference` in the path wins over an id.
  mountByReference,
  list,
  create,
  get,
  update,
  remove,
  mountProductLines,
  mountReadiness,
  mountPickUp,
);
