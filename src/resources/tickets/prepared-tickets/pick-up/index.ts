import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../../../context.ts';
import * as handlers from './pick-up.handlers.ts';
import * as routes from './pick-up.routes.ts';

/** Mounts `/v2/tickets/prepared-tickets/{prepared-ticket-id}/pick-up`. */
export function mountPickUp(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.pickUpPreparedTicket, handlers.pickUp);
}
