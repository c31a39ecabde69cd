import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../../context.ts';
import * as deliveries from './deliveries.handlers.ts';
import * as handlers from './webhook-endpoints.handlers.ts';
import * as routes from './webhook-endpoints.routes.ts';

/** Mounts `/v2/system/webhook-endpoints`. */
export function mountWebhookEndpoints(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.list, handlers.list);
  app.openapi(routes.create, handlers.create);
  app.openapi(routes.get, handlers.get);
  app.openapi(routes.update, handlers.update);
  app.openapi(routes.remove, handlers.remove);
  app.openapi(routes.rotate, handlers.rotate);
  app.openapi(routes.sendTest, deliveries.sendTest);
  app.openapi(routes.listDeliveries, deliveries.list);
  app.openapi(routes.replay, deliveries.replay);
}
