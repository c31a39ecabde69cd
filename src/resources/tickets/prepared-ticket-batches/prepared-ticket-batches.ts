import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { sha256 } from '../../../auth/secrets.ts';
import type { AppEnv } from '../../../context.ts';
import { pick } from '../../../http/fields/object.ts';
import { json, jsonBody, operation } from '../../../http/operation.ts';
import { changeOf } from '../../../http/requests/change.ts';
import { batchKeyParameter, idempotencyKey } from '../../../http/requests/idempotency-key.ts';
import {
  handlingParameter,
  LENIENT_APPLIED,
  prefersLenient,
} from '../../../http/requests/prefer.ts';
import { MAX_BATCH_BODY_BYTES } from '../../../http/responses/header-components.ts';
import { reply } from '../../../http/responses/reply.ts';
import { serve } from '../../../http/serve.ts';
import { Problem } from '../../../problems/problem.ts';
import { problemMembers } from '../../../problems/render.ts';
import { listedOfItems, violationsOfItem } from '../../../problems/violations.ts';
import { asTicket } from '../prepared-tickets/prepared-ticket.ts';
import { ticketExample, writableMembers } from '../ticket.ts';
import {
  atMostLines,
  batchExample,
  batchItem,
  batchItemName,
  bodyDescription,
  type CheckedTicket,
  type LenientItem,
  lenientBatch,
  MAX_TICKETS,
  newPreparedTicketBatch,
  preparedTicketBatch,
  secondExample,
} from './bodies.ts';
import * as repository from './prepared-ticket-batches.repository.ts';

/** The second ticket of the example with a VIN that is too short. */
const violated = { ...secondExample, vin: ticketExample.vin.slice(1) };
const violations = violationsOfItem(batchItem.safeParse(violated).error?.issues ?? [], violated, [
  'prepared_tickets',
  1,
]);

const createdSecond = {
  ...ticketExample,
  ...secondExample,
  id: '9d4d1f0e-6a0c-4a37-8a59-3f1f6f0c7b52',
  ticket_number: ticketExample.ticket_number + 1,
};

const createPreparedTickets = operation({
  method: 'post',
  path: '/v2/tickets/prepared-ticket-batches',
  operationId: 'createPreparedTickets',
  access: 'prepared-tickets:write',
  tags: ['Prepared tickets'],
  summary: 'Create prepared tickets in a batch',
  description: `Create 1 to ${MAX_TICKETS} prepared tickets with their product lines, ${atMostLines} lines altogether. If an item is invalid, nothing is saved, and each violation points at its item. With \`Prefer: handling=lenient\`, the valid items are created and the others are not; the response is 200 and contains the result of each item. When your quota of prepared tickets is reached, or that of product lines and an item has lines, nothing is created and the response is 409. With that preference, each valid item that a quota refuses has the status 409. The body is limited to 1 MiB. With an \`Idempotency-Key\`, a retry is safe: within 30 days, the same key with the same body and handling creates no second batch and returns the first response again, even if tickets were changed or deleted since.`,
  maxBodyBytes: MAX_BATCH_BODY_BYTES,
  ownLimit: { name: 'batches' },
  parameters: [batchKeyParameter, handlingParameter],
  request: { body: jsonBody(bodyDescription, newPreparedTicketBatch, batchExample) },
  violations,
  problems: ['ticketQuotaExceeded', 'productLineQuotaExceeded', 'idempotencyKeyReused'],
  responses: {
    200: json(
      'With `Prefer: handling=lenient`: the valid items are created, and each other one says why not.',
      lenientBatch,
      {
        example: {
          result: [
            { status: 201, prepared_ticket: ticketExample },
            { status: 400, violations },
          ],
        },
        headers: ['Preference-Applied', 'Idempotent-Replayed'],
      },
    ),
    201: json('All tickets are created.', preparedTicketBatch, {
      example: { result: [ticketExample, createdSecond] },
      headers: ['Idempotent-Replayed'],
    }),
  },
});

type ValidTicket = Extract<CheckedTicket, { value: unknown }>['value'];

/** Returns the values of a ticket, without the read-only members, which are ignored. */
function valuesOf(ticket: ValidTicket) {
  return { ...pick(ticket, writableMembers), product_lines: ticket.product_lines ?? [] };
}

/** The result of a valid item of a lenient batch. */
type ValidOutcome = Exclude<LenientItem, { status: 400 }>;

/**
 * Returns the result of each item of a lenient batch.
 *
 * @param nextOutcome returns the result of the next valid item, in order.
 */
function outcomesOf(items: readonly CheckedTicket[], nextOutcome: () => ValidOutcome) {
  const { ofItems, omitted } = listedOfItems(
    items.map((item) => ('value' in item ? undefined : item.violations)),
  );
  const result = ofItems.map((violations) =>
    violations === undefined
      ? nextOutcome()
      : { status: 400 as const, violations: [...violations] },
  );
  return { result, ...(omitted > 0 && { omitted_violations: omitted }) };
}

/** Returns a function for the result of the next valid item of a lenient batch. */
function outcomesOfValid(c: Context<AppEnv>, inserted: repository.InsertedBatch) {
  const problem = problemMembers(c, inserted.problem, undefined, inserted.requestId);
  const rows = inserted.rows.values();
  return (): ValidOutcome => {
    const row = rows.next().value;
    return row === undefined
      ? { status: 409, problem }
      : { status: 201, prepared_ticket: asTicket(row) };
  };
}

const create = serve(createPreparedTickets, async (c) => {
  const { prepared_tickets: items } = c.req.valid('json');
  const isLenient = prefersLenient(c);
  const invalid = items.flatMap((item) => ('value' in item ? [] : item.violations));
  if (!isLenient && invalid.length > 0) {
    throw new Problem('violations', { violations: invalid });
  }
  const { newId, ticketsPerPart } = c.var.dependencies;
  const requested = items.map((item) => ('value' in item ? valuesOf(item.value) : item.sent));
  const valid = items.flatMap((item) => ('value' in item ? [valuesOf(item.value)] : []));
  const inserted = await repository.insertBatch(
    c.var.db,
    {
      id: newId(),
      tickets: valid.map((values) => ({ id: newId(), event_id: newId(), ...values })),
      fingerprint: await sha256(JSON.stringify([isLenient, requested])),
      key: idempotencyKey(c),
      lenientRequestId: isLenient ? c.var.requestId : undefined,
    },
    { ...changeOf(c), ticketsPerPart },
  );
  const { rows, isReplay } = inserted;
  if (!isLenient) {
    // Only a lenient batch has tickets that a quota refused.
    const result = rows.flatMap((row) => (row === undefined ? [] : [asTicket(row)]));
    return reply(c, createPreparedTickets, 201, { result }, { isReplay });
  }
  const body = outcomesOf(items, outcomesOfValid(c, inserted));
  return reply(c, createPreparedTickets, 200, body, { isReplay, headers: LENIENT_APPLIED });
});

/** Mounts `/v2/tickets/prepared-ticket-batches`. */
export function mountPreparedTicketBatches(app: OpenAPIHono<AppEnv>): void {
  // The body only refers to its items, because they are validated one by one.
  app.openAPIRegistry.register(batchItemName, batchItem);
  create(app);
}
