import type { RouteHandler } from '@hono/zod-openapi';
import type { AppEnv } from '../../../context.ts';
import { formatDateTime } from '../../../http/date-time.ts';
import { pageLinks } from '../../../http/pagination.ts';
import { reply } from '../../../http/reply.ts';
import { Problem } from '../../../problems/problem.ts';
import * as repository from './prepared-tickets.repository.ts';
import * as routes from './prepared-tickets.routes.ts';
import type { PreparedTicketsQuery } from './prepared-tickets.schemas.ts';

/** The answer to an id that is unknown, deleted or another partner's; one and the same for all. */
export function noSuchTicket(): Problem {
  return new Problem('notFound', { detail: 'There is no prepared ticket with this identifier.' });
}

function asTicket(row: repository.PreparedTicketRow) {
  return { ...row, created_at: formatDateTime(row.created_at) };
}

function asApplied({ created_after, created_before, ...query }: PreparedTicketsQuery) {
  return {
    ...query,
    ...(created_after !== undefined && { created_after: formatDateTime(created_after) }),
    ...(created_before !== undefined && { created_before: formatDateTime(created_before) }),
  };
}

export const list: RouteHandler<typeof routes.listPreparedTickets, AppEnv> = async (c) => {
  const query = c.req.valid('query');
  const { limit, offset, ...filters } = query;
  const { rows, total } = await repository.listPreparedTickets(
    c.var.db,
    c.var.principal.partnerId,
    filters,
    { limit, offset },
  );
  const body = { query: asApplied(query), result: rows.map(asTicket), total };
  return reply(c, routes.listPreparedTickets, 200, body, {
    Link: pageLinks(c.req.url, { limit, offset }, total),
  });
};

export const create: RouteHandler<typeof routes.createPreparedTicket, AppEnv> = async (c) => {
  const { customer_id, vehicle_model_id, vin, voucher_code, preparer_external_reference } =
    c.req.valid('json');
  const row = await repository.insertPreparedTicket(c.var.db, c.var.principal.partnerId, {
    id: c.var.clock.newId(),
    created_at: c.var.clock.now(),
    customer_id,
    vehicle_model_id,
    vin,
    voucher_code,
    preparer_external_reference,
  });
  return reply(c, routes.createPreparedTicket, 201, asTicket(row), {
    Location: new URL(`/v2/tickets/prepared-tickets/${row.id}`, c.req.url).href,
  });
};

export const get: RouteHandler<typeof routes.getPreparedTicket, AppEnv> = async (c) => {
  const id = c.req.valid('param')['prepared-ticket-id'];
  const row = await repository.findPreparedTicket(c.var.db, c.var.principal.partnerId, id);
  if (row === undefined) {
    throw noSuchTicket();
  }
  return reply(c, routes.getPreparedTicket, 200, asTicket(row));
};

export const update: RouteHandler<typeof routes.updatePreparedTicket, AppEnv> = async (c) => {
  const id = c.req.valid('param')['prepared-ticket-id'];
  const { customer_id, vehicle_model_id, vin, voucher_code, preparer_external_reference } =
    c.req.valid('json');
  const result = await repository.updatePreparedTicket(
    c.var.db,
    c.var.principal.partnerId,
    id,
    { vehicle_model_id, vin, voucher_code, preparer_external_reference },
    customer_id,
  );
  if (result.outcome === 'not-found') {
    throw noSuchTicket();
  }
  if (result.outcome === 'other-customer') {
    throw new Problem('violations', {
      violations: [
        {
          in: 'body',
          pointer: '#/customer_id',
          code: 'immutable',
          detail: "The customer of a ticket cannot change: leave it out, or send the ticket's.",
        },
      ],
    });
  }
  return reply(c, routes.updatePreparedTicket, 200, asTicket(result.row));
};

export const remove: RouteHandler<typeof routes.deletePreparedTicket, AppEnv> = async (c) => {
  const id = c.req.valid('param')['prepared-ticket-id'];
  if (!(await repository.deletePreparedTicket(c.var.db, c.var.principal.partnerId, id))) {
    throw noSuchTicket();
  }
  return c.body(null, 204);
};
