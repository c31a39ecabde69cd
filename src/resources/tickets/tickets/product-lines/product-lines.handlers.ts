import type { RouteHandler } from '@hono/zod-openapi';
import type { AppEnv } from '../../../../context.ts';
import { pageLinks } from '../../../../http/requests/pagination.ts';
import { reply } from '../../../../http/responses/reply.ts';
import { lineOf } from '../../prepared-tickets/product-lines/product-lines.handlers.ts';
import { noSuchTicket } from '../tickets.handlers.ts';
import * as repository from './product-lines.repository.ts';
import * as routes from './product-lines.routes.ts';

export const list: RouteHandler<typeof routes.listTicketProductLines, AppEnv> = async (c) => {
  const page = c.req.valid('query');
  const ticketId = c.req.valid('param')['ticket-id'];
  const { partnerId } = c.get('principal');
  const found = await repository.listTicketLines(c.get('db'), partnerId, ticketId, page);
  if (found === undefined) {
    throw noSuchTicket();
  }
  const result = found.rows.map((row) => lineOf(ticketId, row));
  const body = { query: page, result, total: found.total };
  return reply(c, routes.listTicketProductLines, 200, body, {
    headers: {
      Link: pageLinks(c.req.url, page, found.total),
    },
  });
};
