import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../../../context.ts';
import * as handlers from './product-lines.handlers.ts';
import * as routes from './product-lines.routes.ts';

/** Mounts `/v2/tickets/tickets/{ticket-id}/product-lines`. */
export function mountTicketLines(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.listTicketProductLines, handlers.list);
}
