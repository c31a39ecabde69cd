import type { RouteHandler } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { sha256 } from '../../../auth/secrets.ts';
import type { AppEnv } from '../../../context.ts';
import { formatDateTime } from '../../../http/fields/date-time.ts';
import { pick } from '../../../http/fields/object.ts';
import { changeOf } from '../../../http/requests/change.ts';
import { entityTag, notModified, preconditionsOf } from '../../../http/requests/conditional.ts';
import { idempotencyKey } from '../../../http/requests/idempotency-key.ts';
import { pageLinks } from '../../../http/requests/pagination.ts';
import { reply } from '../../../http/responses/reply.ts';
import { Problem } from '../../../problems/problem.ts';
import { echoOf } from './filters.ts';
import { missingTicket } from './missing-ticket.ts';
import * as repository from './prepared-tickets.repository.ts';
import * as routes from './prepared-tickets.routes.ts';
import { customerIsFixed } from './prepared-tickets.schemas.ts';
import { changeableMembers, writableMembers } from './ticket-members.ts';

/** Returns a ticket as responses show it. */
export function asTicket({ created_at, ...row }: Omit<repository.PreparedTicketRow, 'version'>) {
  return { ...row, created_at: formatDateTime(created_at) };
}

export const list: RouteHandler<typeof routes.listPreparedTickets, AppEnv> = async (c) => {
  const { limit, offset, ...filters } = c.req.valid('query');
  const { rows, total } = await repository.listPreparedTickets(
    c.get('db'),
    c.get('principal').partnerId,
    filters,
    { limit, offset },
  );
  const query = { limit, offset, ...echoOf(filters) };
  const body = { query, result: rows.map(asTicket), total };
  return reply(c, routes.listPreparedTickets, 200, body, {
    headers: {
      Link: pageLinks(c.req.url, { limit, offset }, total),
    },
  });
};

export const create: RouteHandler<typeof routes.createPreparedTicket, AppEnv> = async (c) => {
  const values = pick(c.req.valid('json'), writableMembers);
  const { newId, ticketsPerPart } = c.get('dependencies');
  const ticket = { id: newId(), ...values };
  const creation = { ...changeOf(c), ticketsPerPart };
  const key = idempotencyKey(c);
  const db = c.get('db');
  if (key === undefined) {
    const row = await repository.insertPreparedTicket(db, ticket, creation);
    if (row === 'full') {
      throw new Problem('ticketQuotaExceeded');
    }
    return created(c, row);
  }
  const fingerprint = await sha256(JSON.stringify(values));
  const result = await repository.insertPreparedTicketOnce(db, ticket, creation, {
    key,
    fingerprint,
  });
  if (result.outcome === 'key-reused') {
    throw new Problem('idempotencyKeyReused');
  }
  if (result.outcome === 'full') {
    throw new Problem('ticketQuotaExceeded');
  }
  return created(c, result.row, result.outcome === 'replayed' ? 'true' : undefined);
};

/** Returns the URL of a ticket by its id. */
export function urlOf(c: Context<AppEnv>, { id }: repository.PreparedTicketRow): string {
  return new URL(`/v2/tickets/prepared-tickets/${id}`, c.req.url).href;
}

function created(c: Context<AppEnv>, row: repository.PreparedTicketRow, replayed?: string) {
  return reply(c, routes.createPreparedTicket, 201, asTicket(row), {
    headers: {
      Location: urlOf(c, row),
      ETag: entityTag(row.version),
      'Idempotent-Replayed': replayed,
    },
  });
}

export const get: RouteHandler<typeof routes.getPreparedTicket, AppEnv> = async (c) => {
  const id = c.req.valid('param')['prepared-ticket-id'];
  const row = await repository.findPreparedTicket(c.get('db'), c.get('principal').partnerId, id);
  if (row === undefined) {
    throw await missingTicket(c, id);
  }
  const known = notModified(c, row.version);
  const ETag = entityTag(row.version);
  return known ?? reply(c, routes.getPreparedTicket, 200, asTicket(row), { headers: { ETag } });
};

/** Why a ticket that is there did not change, as a problem. */
export function refusal(outcome: 'other-version' | 'other-customer'): Problem {
  if (outcome === 'other-version') {
    return new Problem('preconditionFailed');
  }
  return new Problem('violations', {
    violations: [
      { in: 'body', pointer: '#/customer_id', code: 'immutable', detail: customerIsFixed },
    ],
  });
}

export const update: RouteHandler<typeof routes.updatePreparedTicket, AppEnv> = async (c) => {
  const body = c.req.valid('json');
  const change = {
    change: changeOf(c),
    id: c.req.valid('param')['prepared-ticket-id'],
    preconditions: preconditionsOf(c),
  };
  const row = await repository.updatePreparedTicket(
    c.get('db'),
    change,
    pick(body, changeableMembers),
    body.customer_id,
  );
  if (typeof row === 'string') {
    throw row === 'not-found' ? await missingTicket(c, change.id) : refusal(row);
  }
  return reply(c, routes.updatePreparedTicket, 200, asTicket(row), {
    headers: {
      ETag: entityTag(row.version),
      'Content-Location': urlOf(c, row),
    },
  });
};

export const remove: RouteHandler<typeof routes.deletePreparedTicket, AppEnv> = async (c) => {
  const id = c.req.valid('param')['prepared-ticket-id'];
  const preconditions = preconditionsOf(c);
  const change = { change: changeOf(c), id, preconditions };
  const outcome = await repository.deletePreparedTicket(c.get('db'), change);
  if (outcome !== 'done') {
    throw outcome === 'not-found' ? await missingTicket(c, id) : refusal(outcome);
  }
  return c.body(null, 204);
};
