import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../../context.ts';
import * as handlers from './clients.handlers.ts';
import * as routes from './clients.routes.ts';

/** Mounts `/v2/system/clients`. */
export function mountClients(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.listClients, handlers.list);
  app.openapi(routes.createClient, handlers.create);
  app.openapi(routes.getClient, handlers.get);
  app.openapi(routes.updateClient, handlers.update);
  app.openapi(routes.deleteClient, handlers.remove);
  app.openapi(routes.rotateClientSecret, handlers.rotate);
}
