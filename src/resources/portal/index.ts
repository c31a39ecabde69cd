import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../context.ts';
import { operation } from '../../http/operation.ts';
import { publishedFile } from '../../http/responses/published.ts';
import * as handlers from './portal.handlers.ts';
import * as routes from './portal.routes.ts';

/** The static assets of the pages, which the build copies from this folder. */
const files = [
  ['/portal/portal.css', 'getPortalStyles', 'text/css; charset=UTF-8'],
  ['/portal/live-events.js', 'getPortalScript', 'text/javascript; charset=UTF-8'],
] as const;

/**
 * Mounts the demo of the Customer Portal under `/portal`. It reads and changes tickets only through the
 * operations of this API, which it calls in the same Worker.
 */
export function mountPortal(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.getPortal, handlers.portal(app));
  app.openapi(routes.getCustomer, handlers.customer(app));
  app.openapi(routes.pickUp, handlers.pickUp(app));
  app.openapi(routes.getEvents, handlers.events(app));
  for (const [path, operationId, type] of files) {
    const responses = { 200: { description: `A static asset in ${type}.` } };
    app.openapi(
      operation({ method: 'get', path, operationId, access: 'public', internal: true, responses }),
      publishedFile(path, type),
    );
  }
}
