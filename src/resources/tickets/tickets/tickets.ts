import { z } from '@hono/zod-openapi';
import { ticketTag } from '../../../db/entity-tags.ts';
import { dateTimeSchema, formatDateTime } from '../../../http/fields/date-time.ts';
import { queryOf } from '../../../http/fields/object.ts';
import { uuid } from '../../../http/fields/text.ts';
import { json, operation } from '../../../http/operation.ts';
import { notModified } from '../../../http/requests/conditional.ts';
import { appliedQuery, listOf, pageParameters } from '../../../http/requests/pagination.ts';
import { reply } from '../../../http/responses/reply.ts';
import { mounted, serve } from '../../../http/serve.ts';
import { openString } from '../../../open-string.ts';
import { Problem } from '../../../problems/problem.ts';
import { exampleViolations } from '../../../problems/violations.ts';
import { pickedUpBook } from '../books.repository.ts';
import { listLines } from '../line-lists.repository.ts';
import {
  asLine,
  productLineList,
  productLineListExample,
  productLinesQuery,
} from '../product-line.ts';
import { responseMembers, TICKETS, tagExample, ticketExample } from '../ticket.ts';
import { echoOf, filterEchoes, filterParameters } from './filters.ts';
import * as repository from './tickets.repository.ts';

const TICKET = `${TICKETS}/{ticket-id}` as const;
const tags = ['Tickets'];

export const pickedUpExample = {
  ...ticketExample,
  state: repository.states[0],
  picked_up_at: '2019-08-25T09:30:00.000Z',
};

/** A picked-up ticket in a response, always with all members. */
export const ticket = z
  .object({
    ...responseMembers,
    state: openString(
      repository.states,
      'The state of the work on the ticket. It is `pending` at present. Further states will be added, so accept values that you do not know.',
    ),
    picked_up_at: z.string().openapi({
      ...dateTimeSchema,
      description:
        'Date and time at which the customer picked the ticket up, in UTC with milliseconds.',
    }),
  })
  .openapi('Ticket', {
    description:
      'A ticket that a customer picked up in the Customer Portal. It has the identifier, the number and the values of the prepared ticket that it was.',
    example: pickedUpExample,
  });

/** Returns a picked-up ticket as responses show it. */
export function asTicket({ created_at, picked_up_at, ...row }: repository.TicketRow) {
  return {
    ...row,
    created_at: formatDateTime(created_at),
    picked_up_at: formatDateTime(picked_up_at),
  };
}

const listQuery = queryOf({ ...filterParameters, ...pageParameters });

const ticketList = listOf(
  appliedQuery(filterEchoes).openapi('TicketsQuery'),
  ticket,
  'tickets',
).openapi('TicketList');

const listTickets = operation({
  method: 'get',
  path: TICKETS,
  operationId: 'listTickets',
  access: 'prepared-tickets:read',
  tags,
  summary: 'Retrieve tickets',
  description:
    'Retrieve a list of the tickets that customers picked up, the most recently picked up first. If you send several filters, the list contains only tickets that match all of them. `total` is exact. An unknown, repeated or empty parameter is a violation; only `preparer_external_reference` may be empty.',
  ownLimit: { name: 'searches', when: repository.isSearch },
  request: { query: listQuery },
  violations: exampleViolations('query', listQuery, { limit: '1001' }),
  responses: {
    200: json('Successful response.', ticketList, {
      example: { query: { limit: 25, offset: 0 }, result: [pickedUpExample], total: 1 },
    }),
  },
});

const list = serve(listTickets, async (c) => {
  const { limit, offset, ...filters } = c.req.valid('query');
  const page = { limit, offset };
  const { db, principal } = c.var;
  const { rows, total } = await repository.listTickets(db, principal.partnerId, filters, page);
  const body = { query: { ...page, ...echoOf(filters) }, result: rows.map(asTicket), total };
  return reply(c, listTickets, 200, body, { page });
});

const ticketPath = z.object({
  'ticket-id': uuid('the ticket').openapi({
    param: { description: 'Identifier of the ticket.', example: pickedUpExample.id },
  }),
});

/** The `detail` of a 404 for an id that is unknown, another partner's, or a prepared ticket's. */
const noTicket = 'There is no picked-up ticket with this identifier.';

/** What the operations on one ticket declare alike. */
const ofTicket = {
  access: 'prepared-tickets:read',
  tags,
  request: { params: ticketPath },
  violations: exampleViolations('param', ticketPath, {
    'ticket-id': String(pickedUpExample.ticket_number),
  }),
  problems: ['notFound'],
  missing: noTicket,
  tagExample,
} as const;

const getTicket = operation({
  ...ofTicket,
  method: 'get',
  path: TICKET,
  operationId: 'getTicket',
  summary: 'Retrieve a ticket',
  description:
    'Retrieve a single ticket that a customer picked up. Its identifier is that of the prepared ticket that it was.',
  conditional: 'read',
  responses: {
    200: json('Successful response.', ticket, { example: pickedUpExample, headers: ['ETag'] }),
  },
});

const get = serve(getTicket, async (c) => {
  const id = c.req.valid('param')['ticket-id'];
  const row = await repository.findTicket(c.var.db, c.var.principal.partnerId, id);
  if (row === undefined) {
    throw new Problem('notFound', { detail: noTicket });
  }
  const tag = ticketTag.of(row);
  return notModified(c, tag) ?? reply(c, getTicket, 200, asTicket(row), { tag });
});

const listTicketProductLines = operation({
  ...ofTicket,
  method: 'get',
  path: `${TICKET}/product-lines`,
  operationId: 'listTicketProductLines',
  summary: 'Retrieve the product lines of a ticket',
  description:
    'Retrieve the product lines of a ticket that a customer picked up, ordered by `product_id`.',
  request: { ...ofTicket.request, query: productLinesQuery },
  responses: {
    200: json('Successful response.', productLineList, { example: productLineListExample }),
  },
});

const listProductLines = serve(listTicketProductLines, async (c) => {
  const page = c.req.valid('query');
  const ticketId = c.req.valid('param')['ticket-id'];
  const { partnerId } = c.var.principal;
  const found = await listLines(c.var.db, pickedUpBook, { partnerId, ticketId }, page);
  if (found === undefined) {
    throw new Problem('notFound', { detail: noTicket });
  }
  const result = found.rows.map((row) => asLine(ticketId, row));
  const body = { query: page, result, total: found.total };
  return reply(c, listTicketProductLines, 200, body, { page });
});

/** Mounts `/v2/tickets/tickets` and the resource below it. */
export const mountTickets = mounted(list, get, listProductLines);
