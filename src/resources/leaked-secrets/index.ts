import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../context.ts';
import * as handlers from './leaked-secrets.handlers.ts';
import * as routes from './leaked-secrets.routes.ts';

/** Mounts `/leaked-secrets`. */
export function mountLeakedSecrets(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.reportLeakedSecrets, handlers.report);
}
