import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../../context.ts';
import * as handlers from './prepared-ticket-export.handlers.ts';
import * as routes from './prepared-ticket-export.routes.ts';

/** Mounts `/v2/tickets/prepared-ticket-export`. */
export function mountPreparedTicketExport(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.exportPreparedTickets, handlers.exportTickets);
}
