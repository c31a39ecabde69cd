import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../../../context.ts';
import * as handlers from './product-lines.handlers.ts';
import * as routes from './product-lines.routes.ts';

/** Mounts `/v2/tickets/prepared-tickets/{prepared-ticket-id}/product-lines`. */
export function mountProductLines(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.listProductLines, handlers.list);
  app.openapi(routes.getProductLine, handlers.get);
  app.openapi(routes.putProductLine, handlers.put);
  app.openapi(routes.deleteProductLine, handlers.remove);
}
