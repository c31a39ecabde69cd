import type { RouteHandler } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { sha256 } from '../../../auth/secrets.ts';
import type { AppEnv } from '../../../context.ts';
import { pick } from '../../../http/fields/object.ts';
import { changeOf } from '../../../http/requests/change.ts';
import { idempotencyKey } from '../../../http/requests/idempotency-key.ts';
import { LENIENT_APPLIED, prefersLenient } from '../../../http/requests/prefer.ts';
import { reply } from '../../../http/responses/reply.ts';
import { Problem, type Violation } from '../../../problems/problem.ts';
import { problemMembers } from '../../../problems/render.ts';
import { listedViolations } from '../../../problems/violations.ts';
import { asTicket } from '../prepared-tickets/prepared-tickets.handlers.ts';
import { writableMembers } from '../prepared-tickets/ticket-members.ts';
import * as repository from './prepared-ticket-batches.repository.ts';
import * as routes from './prepared-ticket-batches.routes.ts';
import type { CheckedTicket, LenientItem } from './prepared-ticket-batches.schemas.ts';

type ValidTicket = Extract<CheckedTicket, { value: unknown }>['value'];

/** The values of a ticket, without the read-only members, which are ignored. */
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
  const violations: Violation[] = items.flatMap((item) => ('value' in item ? [] : item.violations));
  const listed = listedViolations(violations);
  let shown = 0;
  const result = items.map((item) => {
    if ('value' in item) {
      return nextOutcome();
    }
    const start = shown;
    shown += item.violations.length;
    return { status: 400 as const, violations: listed.slice(start, shown) as Violation[] };
  });
  const omitted = violations.length - listed.length;
  return { result, ...(omitted > 0 && { omitted_violations: omitted }) };
}

/** Returns a function for the result of the next valid item of a lenient batch. */
function outcomesOfValid(
  c: Context<AppEnv>,
  inserted: Exclude<repository.InsertedBatch, { outcome: 'key-reused' }>,
): () => ValidOutcome {
  if (inserted.outcome === 'full') {
    const problem = problemMembers(c, 'ticketQuotaExceeded', undefined, inserted.requestId);
    return () => ({ status: 409, problem });
  }
  const rows = inserted.rows.values();
  return () => ({ status: 201, prepared_ticket: asTicket(rows.next().value as never) });
}

const replayed = (isReplayed: boolean) => ({
  'Idempotent-Replayed': isReplayed ? 'true' : undefined,
});

export const create: RouteHandler<typeof routes.createPreparedTickets, AppEnv> = async (c) => {
  const { prepared_tickets: items } = c.req.valid('json');
  const isLenient = prefersLenient(c);
  const violations = items.flatMap((item) => ('value' in item ? [] : item.violations));
  if (!isLenient && violations.length > 0) {
    throw new Problem('violations', { violations });
  }
  const { newId, ticketsPerPart } = c.get('dependencies');
  const requested = items.map((item) => ('value' in item ? valuesOf(item.value) : item.sent));
  const valid = items.flatMap((item) => ('value' in item ? [valuesOf(item.value)] : []));
  const inserted = await repository.insertBatch(
    c.get('db'),
    {
      id: newId(),
      tickets: valid.map((values) => ({ id: newId(), event_id: newId(), ...values })),
      fingerprint: await sha256(JSON.stringify([isLenient, requested])),
      key: idempotencyKey(c),
      lenientRequestId: isLenient ? c.get('requestId') : undefined,
    },
    { ...changeOf(c), ticketsPerPart },
  );
  if (inserted.outcome === 'key-reused') {
    throw new Problem('idempotencyKeyReused');
  }
  if (!isLenient) {
    if (inserted.outcome === 'full') {
      throw new Problem('ticketQuotaExceeded');
    }
    const body = { result: inserted.rows.map(asTicket) };
    return reply(c, routes.createPreparedTickets, 201, body, {
      headers: replayed(inserted.isReplayed),
    });
  }
  const body = outcomesOf(items, outcomesOfValid(c, inserted));
  return reply(c, routes.createPreparedTickets, 200, body, {
    headers: {
      ...LENIENT_APPLIED,
      ...replayed(inserted.isReplayed),
    },
  });
};
