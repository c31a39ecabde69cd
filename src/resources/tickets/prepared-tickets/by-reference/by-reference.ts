import { sha256 } from '../../../../auth/secrets.ts';
import { ticketTag } from '../../../../db/entity-tags.ts';
import { bodyOf, pick } from '../../../../http/fields/object.ts';
import { json, jsonBody, operation } from '../../../../http/operation.ts';
import { changeOf } from '../../../../http/requests/change.ts';
import { notModified, preconditionsOf } from '../../../../http/requests/conditional.ts';
import {
  idempotencyKey,
  idempotencyKeyParameter,
} from '../../../../http/requests/idempotency-key.ts';
import { reply } from '../../../../http/responses/reply.ts';
import { mounted, serve } from '../../../../http/serve.ts';
import { Problem } from '../../../../problems/problem.ts';
import { exampleViolations } from '../../../../problems/violations.ts';
import { newLineExample, newProductLines } from '../../product-line.ts';
import { requestMembers, tagExample, ticketExample, writableMembers } from '../../ticket.ts';
import {
  asTicket,
  newPreparedTicket,
  PREPARED_TICKETS,
  preparedTicketWithLines,
} from '../prepared-ticket.ts';
import * as repository from './by-reference.repository.ts';
import { inOrder } from './lines.repository.ts';
import {
  BY_REFERENCE,
  mountEmptyReference,
  referencePath,
  referencePathOf,
  requireReadableReference,
} from './path.ts';
import { putByReference } from './put-by-reference.repository.ts';

const withLinesExample = { ...ticketExample, product_lines: [newLineExample] };

/** Returns a ticket as responses show it. */
const asTicketWithLines = ({ product_lines, ...row }: repository.TicketWithLines) => ({
  ...asTicket(row),
  product_lines: [...product_lines],
});

/** What the three operations declare alike. */
const common = {
  path: BY_REFERENCE,
  tags: ['Prepared tickets'],
  middleware: requireReadableReference,
  request: { params: referencePath },
  violations: exampleViolations('param', referencePath, {
    preparer_external_reference: 'R'.repeat(256),
  }),
  missing: repository.noTicket,
  tagExample,
};

const getPreparedTicketByReference = operation({
  ...common,
  method: 'get',
  operationId: 'getPreparedTicketByReference',
  access: 'prepared-tickets:read',
  summary: 'Retrieve a prepared ticket by reference',
  description: 'Retrieve the one prepared ticket that has your reference, with its product lines.',
  conditional: 'read',
  problems: ['notFound', 'ambiguousReference', 'pickedUp'],
  responses: {
    200: json('Successful response.', preparedTicketWithLines, {
      example: withLinesExample,
      headers: ['ETag', 'Content-Location'],
    }),
  },
});

const get = serve(getPreparedTicketByReference, async (c) => {
  const { preparer_external_reference: reference } = c.req.valid('param');
  const { partnerId } = c.var.principal;
  const row = await repository.findByReference(c.var.db, { partnerId, reference });
  const facts = { tag: ticketTag.of(row), location: referencePathOf(reference) };
  return (
    notModified(c, facts.tag, facts.location) ??
    reply(c, getPreparedTicketByReference, 200, asTicketWithLines(row), facts)
  );
});

/** What a request may do with the reference in its body. */
const repeatsReference = 'Leave it out, or send the one that the path names.';

const bodyDescription = 'The prepared ticket you wish to have under this reference.';

/** The body of PUT: the members of a POST, and the product lines. */
const preparedTicketByReference = bodyOf({
  ...newPreparedTicket.shape,
  preparer_external_reference: requestMembers.preparer_external_reference.optional().openapi({
    description: `Your reference, as in the path. ${repeatsReference}`,
  }),
  product_lines: newProductLines.optional().openapi({
    description:
      'All product lines of the ticket, each product once. Without this member, the lines of an existing ticket stay as they are.',
  }),
}).openapi('PreparedTicketByReference', { description: bodyDescription });

/** A body without the reference, which the path has. */
const bodyExample = {
  ...pick(ticketExample, ['customer_id', 'vehicle_model_id', 'vin', 'voucher_code']),
  product_lines: [newLineExample],
};

const putPreparedTicketByReference = operation({
  ...common,
  method: 'put',
  operationId: 'putPreparedTicketByReference',
  access: 'prepared-tickets:write',
  summary: 'Create or replace a prepared ticket by reference',
  description:
    'Create the prepared ticket with your reference, or replace the writable members of the ticket that already has it. You can repeat the request without an `Idempotency-Key`, because it never creates a second ticket; if you send a key, it is respected. A request that changes no value leaves the `ETag` as it is. You cannot change the customer of a ticket. If a ticket with your reference was picked up, the response is 410 and nothing is saved.',
  parameters: [idempotencyKeyParameter],
  conditional: 'write',
  request: {
    ...common.request,
    body: jsonBody(bodyDescription, preparedTicketByReference, bodyExample),
  },
  violations: exampleViolations('json', preparedTicketByReference, {
    ...bodyExample,
    vin: bodyExample.vin.slice(1),
  }),
  problems: [
    'ambiguousReference',
    'ticketQuotaExceeded',
    'productLineQuotaExceeded',
    'pickedUp',
    'idempotencyKeyReused',
  ],
  responses: {
    200: json('The ticket was there, and is replaced.', preparedTicketWithLines, {
      example: withLinesExample,
      headers: ['ETag', 'Content-Location', 'Idempotent-Replayed'],
    }),
    201: json('The ticket was not there, and is created.', preparedTicketWithLines, {
      example: withLinesExample,
      headers: ['ETag', 'Content-Location', 'Location', 'Idempotent-Replayed'],
    }),
  },
});

const put = serve(putPreparedTicketByReference, async (c) => {
  const { preparer_external_reference: reference } = c.req.valid('param');
  const { product_lines: lines, ...body } = c.req.valid('json');
  const sent = body.preparer_external_reference ?? reference;
  if (sent !== reference) {
    const pointer = '#/preparer_external_reference';
    throw new Problem('violations', {
      violations: [{ in: 'body', pointer, code: 'immutable', detail: repeatsReference }],
    });
  }
  const values = pick({ ...body, preparer_external_reference: reference }, writableMembers);
  const preconditions = preconditionsOf(c);
  const key = idempotencyKey(c);
  const { newId, ticketsPerPart } = c.var.dependencies;
  const { row, isNew, isReplay } = await putByReference(c.var.db, {
    ticket: { id: newId(), ...values },
    lines: lines && inOrder(lines),
    preconditions,
    creation: { ...changeOf(c), ticketsPerPart },
    // Names the operation, because the keys of POST are in the same key space.
    once:
      key === undefined
        ? undefined
        : { key, fingerprint: await sha256(JSON.stringify(['by-reference', values, lines])) },
  });
  return reply(c, putPreparedTicketByReference, isNew ? 201 : 200, asTicketWithLines(row), {
    tag: ticketTag.of(row),
    location: `${PREPARED_TICKETS}/${row.id}`,
    contentLocation: referencePathOf(reference),
    isReplay,
  });
});

const deletePreparedTicketByReference = operation({
  ...common,
  method: 'delete',
  operationId: 'deletePreparedTicketByReference',
  access: 'prepared-tickets:write',
  summary: 'Delete a prepared ticket by reference',
  description:
    'Delete the one prepared ticket that has your reference, with its product lines. A later PUT with the reference creates a new ticket.',
  conditional: 'write',
  problems: ['notFound', 'ambiguousReference', 'pickedUp'],
  responses: { 204: { description: 'Successfully removed.' } },
});

const remove = serve(deletePreparedTicketByReference, async (c) => {
  const { preparer_external_reference: reference } = c.req.valid('param');
  await repository.deleteByReference(c.var.db, changeOf(c), reference, preconditionsOf(c));
  return c.body(null, 204);
});

/** Mounts `/v2/tickets/prepared-tickets/by-reference/{preparer_external_reference}`. */
export const mountByReference = mounted(get, put, remove, mountEmptyReference);
