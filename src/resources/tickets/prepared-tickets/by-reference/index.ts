import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../../../context.ts';
import * as handlers from './by-reference.handlers.ts';
import * as routes from './by-reference.routes.ts';
import { refuseEmptyReference } from './path.ts';

/** Mounts `/v2/tickets/prepared-tickets/by-reference/{preparer_external_reference}`. */
export function mountByReference(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.getPreparedTicketByReference, handlers.get);
  app.openapi(routes.putPreparedTicketByReference, handlers.put);
  app.openapi(routes.deletePreparedTicketByReference, handlers.remove);
  app.use(routes.WITHOUT_REFERENCE, refuseEmptyReference);
}
