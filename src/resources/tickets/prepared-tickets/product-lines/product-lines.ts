import { ticketTag } from '../../../../db/entity-tags.ts';
import type { PartnerId } from '../../../../db/partner-id.ts';
import { bodyOf } from '../../../../http/fields/object.ts';
import { uuid } from '../../../../http/fields/text.ts';
import { json, jsonBody, operation } from '../../../../http/operation.ts';
import { changeOf } from '../../../../http/requests/change.ts';
import { notModified, preconditionsOf } from '../../../../http/requests/conditional.ts';
import { reply } from '../../../../http/responses/reply.ts';
import { mounted, serve } from '../../../../http/serve.ts';
import { Problem } from '../../../../problems/problem.ts';
import { exampleViolations } from '../../../../problems/violations.ts';
import { preparedBook } from '../../books.repository.ts';
import { listLines } from '../../line-lists.repository.ts';
import {
  asLine,
  lineExample,
  lineMembers,
  productLine,
  productLineList,
  productLineListExample,
  productLinesQuery,
} from '../../product-line.ts';
import { missingTicket } from '../missing-ticket.repository.ts';
import {
  ofTicket,
  PREPARED_TICKET,
  PREPARED_TICKETS,
  preparedTicketPath,
} from '../prepared-ticket.ts';
import * as repository from './product-lines.repository.ts';

const COLLECTION = `${PREPARED_TICKET}/product-lines` as const;
const tags = ['Product lines'];

const listProductLines = operation({
  ...ofTicket,
  method: 'get',
  path: COLLECTION,
  operationId: 'listProductLines',
  access: 'prepared-tickets:read',
  tags,
  summary: 'Retrieve product lines',
  description: 'Retrieve the product lines of a prepared ticket, ordered by `product_id`.',
  request: { ...ofTicket.request, query: productLinesQuery },
  responses: {
    200: json('Successful response.', productLineList, { example: productLineListExample }),
  },
});

const list = serve(listProductLines, async (c) => {
  const page = c.req.valid('query');
  const ticketId = c.req.valid('param')['prepared-ticket-id'];
  const { db, principal } = c.var;
  const { partnerId } = principal;
  const found = await listLines(db, preparedBook, { partnerId, ticketId }, page);
  if (found === undefined) {
    throw await missingTicket(db, partnerId, ticketId);
  }
  const result = found.rows.map((row) => asLine(ticketId, row));
  return reply(c, listProductLines, 200, { query: page, result, total: found.total }, { page });
});

/** What the operations on one product line declare alike. */
const ofLine = {
  ...ofTicket,
  path: `${COLLECTION}/{product-id}`,
  tags,
  request: {
    params: preparedTicketPath.extend({
      'product-id': uuid('the product').openapi({
        param: { description: 'Identifier of the product.', example: lineExample.product_id },
      }),
    }),
  },
  missing: repository.noLine,
} as const;

interface LinePath {
  readonly 'prepared-ticket-id': string;
  readonly 'product-id': string;
}

const keyOf = (
  partnerId: PartnerId,
  { 'prepared-ticket-id': ticketId, 'product-id': productId }: LinePath,
): repository.LineKey => ({ partnerId, ticketId, productId });

const getProductLine = operation({
  ...ofLine,
  method: 'get',
  operationId: 'getProductLine',
  access: 'prepared-tickets:read',
  summary: 'Retrieve a product line',
  description: 'Retrieve the line for one product on a prepared ticket.',
  conditional: 'read',
  responses: {
    200: json('Successful response.', productLine, { example: lineExample, headers: ['ETag'] }),
  },
});

const get = serve(getProductLine, async (c) => {
  const key = keyOf(c.var.principal.partnerId, c.req.valid('param'));
  const row = await repository.findProductLine(c.var.db, key);
  const tag = ticketTag.of(row);
  const line = asLine(key.ticketId, row);
  return notModified(c, tag) ?? reply(c, getProductLine, 200, line, { tag });
});

const bodyDescription = 'The product line you wish to create or replace.';

/** The detail of a violation, and a part of a description: the path determines the member. */
const repeatsPath = 'Send the identifier that is in the path, or leave this member out.';

const { ticket_id, product_id, quantity } = lineMembers;

/** The body of PUT. It may repeat the identifiers of the path, so that a response can be sent back. */
const productLineUpdate = bodyOf({
  quantity: quantity.request,
  ticket_id: ticket_id.request
    .optional()
    .openapi({ description: `${ticket_id.description} ${repeatsPath}` }),
  product_id: product_id.request
    .optional()
    .openapi({ description: `${product_id.description} ${repeatsPath}` }),
}).openapi('ProductLineUpdate', { description: bodyDescription });

const putProductLine = operation({
  ...ofLine,
  method: 'put',
  operationId: 'putProductLine',
  access: 'prepared-tickets:write',
  summary: 'Create or replace a product line',
  description:
    'Add a product to a prepared ticket, or change its quantity. A prepared ticket should have at least one line to be usable for a customer. With `If-None-Match: *`, the request only creates a line and never replaces one. A prepared ticket has at most 50 lines.',
  conditional: 'write',
  request: {
    ...ofLine.request,
    body: jsonBody(bodyDescription, productLineUpdate, { quantity: lineExample.quantity }),
  },
  violations: exampleViolations('json', productLineUpdate, { quantity: 0 }),
  problems: ['notFound', 'tooManyProductLines', 'productLineQuotaExceeded', 'pickedUp'],
  missing: ofTicket.missing,
  responses: {
    200: json('The existing line was replaced.', productLine, {
      example: lineExample,
      headers: ['ETag', 'Content-Location'],
    }),
    201: json('The line was created.', productLine, {
      example: lineExample,
      headers: ['ETag', 'Content-Location', 'Location'],
    }),
  },
});

const put = serve(putProductLine, async (c) => {
  const change = changeOf(c);
  const key = keyOf(change.partnerId, c.req.valid('param'));
  const { ticketId, productId } = key;
  const body = c.req.valid('json');
  const contradictions = [
    ...((body.ticket_id ?? ticketId) === ticketId ? [] : ['ticket_id']),
    ...((body.product_id ?? productId) === productId ? [] : ['product_id']),
  ];
  if (contradictions.length > 0) {
    throw new Problem('violations', {
      violations: contradictions.map((member) => ({
        in: 'body',
        pointer: `#/${member}`,
        code: 'immutable',
        detail: repeatsPath,
      })),
    });
  }
  const line = { change, ...key, preconditions: preconditionsOf(c) };
  const { row, isNew } = await repository.putProductLine(c.var.db, line, body.quantity);
  return reply(c, putProductLine, isNew ? 201 : 200, asLine(ticketId, row), {
    tag: ticketTag.of(row),
    location: `${PREPARED_TICKETS}/${ticketId}/product-lines/${productId}`,
  });
});

const deleteProductLine = operation({
  ...ofLine,
  method: 'delete',
  operationId: 'deleteProductLine',
  access: 'prepared-tickets:write',
  summary: 'Delete a product line',
  description: 'Remove a product from a prepared ticket.',
  conditional: 'write',
  responses: { 204: { description: 'Successfully removed.' } },
});

const remove = serve(deleteProductLine, async (c) => {
  const change = changeOf(c);
  const key = keyOf(change.partnerId, c.req.valid('param'));
  const line = { change, ...key, preconditions: preconditionsOf(c) };
  await repository.deleteProductLine(c.var.db, line);
  return c.body(null, 204);
});

/** Mounts `/v2/tickets/prepared-tickets/{prepared-ticket-id}/product-lines`. */
export const mountProductLines = mounted(list, get, put, remove);
