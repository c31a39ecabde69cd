import type { RouteHandler } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { sha256 } from '../../../../auth/secrets.ts';
import type { AppEnv } from '../../../../context.ts';
import { pick } from '../../../../http/fields/object.ts';
import { changeOf } from '../../../../http/requests/change.ts';
import { entityTag, notModified, preconditionsOf } from '../../../../http/requests/conditional.ts';
import { idempotencyKey } from '../../../../http/requests/idempotency-key.ts';
import { reply } from '../../../../http/responses/reply.ts';
import { Problem } from '../../../../problems/problem.ts';
import { pickedUpByReference } from '../missing-ticket.ts';
import { asTicket, refusal, urlOf } from '../prepared-tickets.handlers.ts';
import type { PreparedTicketRow } from '../prepared-tickets.repository.ts';
import { writableMembers } from '../ticket-members.ts';
import * as repository from './by-reference.repository.ts';
import * as routes from './by-reference.routes.ts';
import { repeatsReference } from './by-reference.schemas.ts';
import { putByReference } from './put-by-reference.repository.ts';

function keyOf(c: Context<AppEnv>, path: { preparer_external_reference: string }) {
  const { partnerId } = c.get('principal');
  return { partnerId, reference: path.preparer_external_reference };
}

/**
 * Returns the one ticket that has the reference.
 *
 * @throws Problem `pickedUp` or `notFound` when there is none, and `ambiguousReference` when there are several.
 */
async function onlyOf(
  c: Context<AppEnv>,
  rows: readonly PreparedTicketRow[],
  reference: string,
): Promise<PreparedTicketRow> {
  const [row, ...others] = rows;
  if (row === undefined) {
    const pickedUp = await pickedUpByReference(c, reference);
    throw pickedUp ?? new Problem('notFound', { detail: routes.noTicket });
  }
  if (others.length > 0) {
    throw new Problem('ambiguousReference', { preparedTicketIds: rows.map(({ id }) => id) });
  }
  return row;
}

export const get: RouteHandler<typeof routes.getPreparedTicketByReference, AppEnv> = async (c) => {
  const key = keyOf(c, c.req.valid('param'));
  const row = await onlyOf(c, await repository.findByReference(c.get('db'), key), key.reference);
  const known = notModified(c, row.version);
  const ETag = entityTag(row.version);
  return (
    known ??
    reply(c, routes.getPreparedTicketByReference, 200, asTicket(row), { headers: { ETag } })
  );
};

/** Returns why no ticket was written, as a problem. */
async function putRefusal(
  c: Context<AppEnv>,
  present: readonly PreparedTicketRow[],
  reference: string,
  customerId: string,
): Promise<Problem> {
  if (present.length === 0) {
    // A PUT with If-Match never creates a ticket, so the quota is not what refuses it.
    const mustExist = preconditionsOf(c).ifMatch !== undefined;
    return (
      (await pickedUpByReference(c, reference)) ??
      (mustExist ? refusal('other-version') : new Problem('ticketQuotaExceeded'))
    );
  }
  const { customer_id } = await onlyOf(c, present, reference);
  const isCustomers = customer_id === customerId;
  return refusal(isCustomers ? 'other-version' : 'other-customer');
}

export const put: RouteHandler<typeof routes.putPreparedTicketByReference, AppEnv> = async (c) => {
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
  const { newId, ticketsPerPart } = c.get('dependencies');
  const result = await putByReference(c.get('db'), {
    ticket: { id: newId(), ...values },
    lines,
    preconditions,
    creation: { ...changeOf(c), ticketsPerPart },
    // Names the operation, because the keys of POST are in the same key space.
    once:
      key === undefined
        ? undefined
        : { key, fingerprint: await sha256(JSON.stringify(['by-reference', values, lines])) },
  });
  if (result.outcome === 'key-reused') {
    throw new Problem('idempotencyKeyReused');
  }
  if (result.outcome === 'refused') {
    throw await putRefusal(c, result.present, reference, values.customer_id);
  }
  const { row, outcome, isReplayed } = result;
  const url = urlOf(c, row);
  const headers = {
    ETag: entityTag(row.version),
    'Content-Location': url,
    'Idempotent-Replayed': isReplayed ? 'true' : undefined,
  };
  const route = routes.putPreparedTicketByReference;
  return outcome === 'replaced'
    ? reply(c, route, 200, asTicket(row), { headers: headers })
    : reply(c, route, 201, asTicket(row), { headers: { ...headers, Location: url } });
};

export const remove: RouteHandler<typeof routes.deletePreparedTicketByReference, AppEnv> = async (
  c,
) => {
  const { preparer_external_reference: reference } = c.req.valid('param');
  const preconditions = preconditionsOf(c);
  const result = await repository.deleteByReference(
    c.get('db'),
    changeOf(c),
    reference,
    preconditions,
  );
  if (result !== 'done') {
    await onlyOf(c, result, reference);
    throw refusal('other-version');
  }
  return c.body(null, 204);
};
