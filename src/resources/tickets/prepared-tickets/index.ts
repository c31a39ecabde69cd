import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../../context.ts';
import { mountByReference } from './by-reference/index.ts';
import { mountPickUp } from './pick-up/index.ts';
import * as handlers from './prepared-tickets.handlers.ts';
import * as routes from './prepared-tickets.routes.ts';
import { mountProductLines } from './product-lines/index.ts';
import { mountReadiness } from './readiness/index.ts';

/** Mounts `/v2/tickets/prepared-tickets` and what is under it. */
export function mountPreparedTickets(app: OpenAPIHono<AppEnv>): void {
  // First, because `by-reference` in the path wins over an id.
  mountByReference(app);
  app.openapi(routes.listPreparedTickets, handlers.list);
  app.openapi(routes.createPreparedTicket, handlers.create);
  app.openapi(routes.getPreparedTicket, handlers.get);
  app.openapi(routes.updatePreparedTicket, handlers.update);
  app.openapi(routes.deletePreparedTicket, handlers.remove);
  mountProductLines(app);
  mountReadiness(app);
  mountPickUp(app);
}
