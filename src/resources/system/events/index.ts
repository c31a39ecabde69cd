import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../../context.ts';
import * as handlers from './events.handlers.ts';
import * as routes from './events.routes.ts';

/** Mounts `/v2/system/events`. */
export function mountEvents(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.listEvents, handlers.list);
}
