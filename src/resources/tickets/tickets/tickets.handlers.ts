import type { RouteHandler } from '@hono/zod-openapi';
import type { AppEnv } from '../../../context.ts';
import { formatDateTime } from '../../../http/fields/date-time.ts';
import { entityTag, notModified } from '../../../http/requests/conditional.ts';
import { pageLinks } from '../../../http/requests/pagination.ts';
import { reply } from '../../../http/responses/reply.ts';
import { Problem } from '../../../problems/problem.ts';
import { echoOf } from './filters.ts';
import * as repository from './tickets.repository.ts';
import * as routes from './tickets.routes.ts';

/** Returns the one problem for an id that is unknown, another partner's, or a prepared ticket's. */
export function noSuchTicket(): Problem {
  return new Problem('notFound', { detail: routes.noTicket });
}

/** Returns a picked-up ticket as responses show it. */
export function asTicket({ created_at, picked_up_at, ...row }: repository.TicketRow) {
  return {
    ...row,
    created_at: formatDateTime(created_at),
    picked_up_at: formatDateTime(picked_up_at),
  };
}

export const list: RouteHandler<typeof routes.listTickets, AppEnv> = async (c) => {
  const { limit, offset, ...filters } = c.req.valid('query');
  const page = { limit, offset };
  const { partnerId } = c.get('principal');
  const { rows, total } = await repository.listTickets(c.get('db'), partnerId, filters, page);
  const body = { query: { ...page, ...echoOf(filters) }, result: rows.map(asTicket), total };
  return reply(c, routes.listTickets, 200, body, {
    headers: { Link: pageLinks(c.req.url, page, total) },
  });
};

export const get: RouteHandler<typeof routes.getTicket, AppEnv> = async (c) => {
  const id = c.req.valid('param')['ticket-id'];
  const row = await repository.findTicket(c.get('db'), c.get('principal').partnerId, id);
  if (row === undefined) {
    throw noSuchTicket();
  }
  const known = notModified(c, row.version);
  const ETag = entityTag(row.version);
  return known ?? reply(c, routes.getTicket, 200, asTicket(row), { headers: { ETag } });
};
