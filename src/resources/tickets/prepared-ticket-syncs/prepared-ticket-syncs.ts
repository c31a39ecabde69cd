import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '../../../context.ts';
import { pick } from '../../../http/fields/object.ts';
import { json, jsonBody, operation } from '../../../http/operation.ts';
import { changeOf } from '../../../http/requests/change.ts';
import { MAX_BATCH_BODY_BYTES } from '../../../http/responses/header-components.ts';
import { reply } from '../../../http/responses/reply.ts';
import { serve } from '../../../http/serve.ts';
import { Problem, pointer, type Violation } from '../../../problems/problem.ts';
import { problemBody } from '../../../problems/render.ts';
import { exampleViolations, listedOfItems } from '../../../problems/violations.ts';
import { atMostLines, MAX_TICKETS } from '../prepared-ticket-batches/bodies.ts';
import { ambiguousReference } from '../prepared-tickets/by-reference/by-reference.repository.ts';
import { pickedUp } from '../prepared-tickets/missing-ticket.repository.ts';
import { asTicket, customerIsFixed } from '../prepared-tickets/prepared-ticket.ts';
import { TICKETS, writableMembers } from '../ticket.ts';
import {
  bodyDescription,
  type CheckedSyncItem,
  documentedItem,
  preparedTicketSync,
  type SyncResult,
  syncExample,
  syncItemName,
  syncReference,
  syncResultExample,
  syncResults,
} from './bodies.ts';
import type { SyncItem } from './decisions.repository.ts';
import { type Outcome, syncTickets } from './prepared-ticket-syncs.repository.ts';

const syncPreparedTickets = operation({
  method: 'post',
  path: '/v2/tickets/prepared-ticket-syncs',
  operationId: 'syncPreparedTickets',
  access: 'prepared-tickets:write',
  tags: ['Prepared tickets'],
  summary: 'Sync prepared tickets by reference',
  description: `Create, replace and delete 1 to ${MAX_TICKETS} prepared tickets by your own references, with ${atMostLines} product lines altogether. A ticket that already has the values of its item is left alone: it keeps its version, and there is no event. The response is 200 and contains the result of each item: an item that is invalid, or cannot take effect, does not stop the others. The last write wins. After a 503 or no response, send the same request again: it changes only what still differs. No \`Idempotency-Key\` is needed. The body is limited to 1 MiB.`,
  maxBodyBytes: MAX_BATCH_BODY_BYTES,
  ownLimit: { name: 'batches' },
  request: { body: jsonBody(bodyDescription, preparedTicketSync, syncExample) },
  violations: exampleViolations('json', preparedTicketSync, { prepared_tickets: [] }),
  responses: {
    200: json('The result of each item.', syncResults, {
      example: syncResultExample,
    }),
  },
});

type ValidItem = Extract<CheckedSyncItem, { value: unknown }>['value'];

/** Returns the reference of an item; null if it has no valid one. */
function referenceOf(item: CheckedSyncItem): string | null {
  const sent = 'value' in item ? item.value : item.sent;
  const reference = (sent as { preparer_external_reference?: unknown } | null)
    ?.preparer_external_reference;
  return syncReference.safeParse(reference).data ?? null;
}

/**
 * Returns the violations of each item that the request shows by itself; undefined for an item without any. A reference
 * that stands twice is one of each of its items: nobody knows which of them is meant.
 */
function violationsIn(items: readonly CheckedSyncItem[]): (readonly Violation[] | undefined)[] {
  const references = items.map(referenceOf);
  const uses = new Map<string | null, number>();
  for (const reference of references) {
    uses.set(reference, (uses.get(reference) ?? 0) + 1);
  }
  return items.map((item, index) => {
    const reference = references[index] as string | null;
    const isRepeated = reference !== null && uses.get(reference) !== 1;
    const own = 'value' in item ? [] : item.violations;
    const violations = isRepeated ? [...own, repeated(index)] : own;
    return violations.length > 0 ? violations : undefined;
  });
}

const at = (index: number, member: string) => pointer(['prepared_tickets', index, member]);

const repeated = (index: number): Violation => ({
  in: 'body',
  pointer: at(index, 'preparer_external_reference'),
  code: 'repeated_item',
  detail: 'Send one item for each reference, and leave the others out.',
});

const immutable = (index: number): Violation => ({
  in: 'body',
  pointer: at(index, 'customer_id'),
  code: 'immutable',
  detail: customerIsFixed,
});

/** Returns an item for the database, with the ids that it may need. */
function toSync(item: ValidItem, newId: () => string): SyncItem {
  const event_id = newId();
  if (item.deleted) {
    const { preparer_external_reference } = item;
    return { preparer_external_reference, event_id, deleted: true, lines: [] };
  }
  const lines = item.product_lines
    ?.map(({ product_id, quantity }) => [product_id, quantity] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return { ...pick(item, writableMembers), id: newId(), event_id, lines };
}

/** A valid item, and what was done about it. */
interface Done {
  readonly item: SyncItem;
  readonly outcome: Outcome;
}

/** Returns the problem of an item that could not take effect; undefined if it did. */
function problemOf({ action, found, picked_up }: Outcome): Problem | undefined {
  switch (action) {
    case 'ambiguous':
      return ambiguousReference({ prepared_ticket_ids: found.map(({ id }) => id) });
    case 'picked-up':
      return pickedUp({ ticket: `${TICKETS}/${picked_up}` });
    case 'full':
      return new Problem('ticketQuotaExceeded');
    case 'full-of-lines':
      return new Problem('productLineQuotaExceeded');
    default:
      return undefined;
  }
}

/** Returns the result of a valid item. */
function resultOf(c: Context<AppEnv>, { item, outcome }: Done): SyncResult {
  const { preparer_external_reference } = item;
  const { action, found, lines } = outcome;
  const problem = problemOf(outcome);
  if (problem !== undefined) {
    const body = problemBody(c, problem);
    return { preparer_external_reference, status: body.status as 409 | 410, problem: body };
  }
  const [ticket] = found;
  if (item.deleted || ticket === undefined) {
    return { preparer_external_reference, status: 204, changed: action === 'deleted' };
  }
  return {
    preparer_external_reference,
    status: action === 'created' ? 201 : 200,
    changed: action !== 'unchanged',
    prepared_ticket: {
      ...asTicket({ ...item, ...pick(ticket, ['id', 'ticket_number', 'created_at']) }),
      product_lines: lines.map(([product_id, quantity]) => ({ product_id, quantity })),
    },
  };
}

const sync = serve(syncPreparedTickets, async (c) => {
  const { prepared_tickets: items } = c.req.valid('json');
  const { newId, ticketsPerPart } = c.var.dependencies;
  const violations = violationsIn(items);
  const valid = items.flatMap((item, index) =>
    'value' in item && violations[index] === undefined
      ? [{ index, item: toSync(item.value, newId) }]
      : [],
  );
  const outcomes = await syncTickets(
    c.var.db,
    { id: newId(), items: valid.map(({ item }) => item) },
    { ...changeOf(c), ticketsPerPart },
  );
  const done = new Map<number, Done>();
  for (const [i, { index, item }] of valid.entries()) {
    const outcome = outcomes[i] as Outcome;
    done.set(index, { item, outcome });
    if (outcome.action === 'other-customer') {
      violations[index] = [immutable(index)];
    }
  }
  const { ofItems, omitted } = listedOfItems(violations);
  const result = items.map((item, index): SyncResult => {
    const listed = ofItems[index];
    return listed === undefined
      ? resultOf(c, done.get(index) as Done)
      : { preparer_external_reference: referenceOf(item), status: 400, violations: [...listed] };
  });
  const body = { result, ...(omitted > 0 && { omitted_violations: omitted }) };
  return reply(c, syncPreparedTickets, 200, body);
});

/** Mounts `/v2/tickets/prepared-ticket-syncs`. */
export function mountPreparedTicketSyncs(app: OpenAPIHono<AppEnv>): void {
  // The body only refers to its items, because they are validated one by one.
  app.openAPIRegistry.register(syncItemName, documentedItem);
  sync(app);
}
