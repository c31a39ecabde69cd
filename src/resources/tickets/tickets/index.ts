import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../../context.ts';
import { mountTicketLines } from './product-lines/index.ts';
import * as handlers from './tickets.handlers.ts';
import * as routes from './tickets.routes.ts';

/** Mounts `/v2/tickets/tickets` and what is under it. */
export function mountTickets(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.listTickets, handlers.list);
  app.openapi(routes.getTicket, handlers.get);
  mountTicketLines(app);
}
