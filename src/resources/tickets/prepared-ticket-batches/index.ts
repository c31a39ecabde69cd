import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../../context.ts';
import * as handlers from './prepared-ticket-batches.handlers.ts';
import * as routes from './prepared-ticket-batches.routes.ts';
import { batchItem, batchItemName } from './prepared-ticket-batches.schemas.ts';

/** Mounts `/v2/tickets/prepared-ticket-batches`. */
export function mountPreparedTicketBatches(app: OpenAPIHono<AppEnv>): void {
  // The body only refers to its items, because they are validated one by one.
  app.openAPIRegistry.register(batchItemName, batchItem);
  app.openapi(routes.createPreparedTickets, handlers.create);
}
