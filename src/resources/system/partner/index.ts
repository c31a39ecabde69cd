import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../../context.ts';
import * as handlers from './partner.handlers.ts';
import * as routes from './partner.routes.ts';

/** Mounts `/v2/system/partner`. */
export function mountPartner(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.getPartner, handlers.get);
}
