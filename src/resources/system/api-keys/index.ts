import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../../context.ts';
import * as handlers from './api-keys.handlers.ts';
import * as routes from './api-keys.routes.ts';

/** Mounts `/v2/system/api-keys`. */
export function mountApiKeys(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.listApiKeys, handlers.list);
  app.openapi(routes.createApiKey, handlers.create);
  app.openapi(routes.getApiKey, handlers.get);
  app.openapi(routes.updateApiKey, handlers.update);
  app.openapi(routes.deleteApiKey, handlers.remove);
  app.openapi(routes.rotateApiKey, handlers.rotate);
}
