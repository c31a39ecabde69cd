import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../../context.ts';
import * as handlers from './api-keys.handlers.ts';
import { routes } from './api-keys.routes.ts';

/** Mounts `/v2/system/api-keys`. */
export function mountApiKeys(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.list, handlers.list);
  app.openapi(routes.create, handlers.create);
  app.openapi(routes.get, handlers.get);
  app.openapi(routes.update, handlers.update);
  app.openapi(routes.delete, handlers.remove);
  app.openapi(routes.rotate, handlers.rotate);
}
