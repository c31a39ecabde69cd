import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../../../context.ts';
import * as handlers from './readiness.handlers.ts';
import * as routes from './readiness.routes.ts';

/** Mounts `/v2/tickets/prepared-tickets/{prepared-ticket-id}/readiness`. */
export function mountReadiness(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.getReadiness, handlers.get);
}
