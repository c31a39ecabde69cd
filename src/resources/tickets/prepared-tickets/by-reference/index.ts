import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../../../context.ts';
import * as handlers from './by-reference.handlers.ts';
import * as routes from './by-reference.routes.ts';
import { refuseEmptyReference, refuseOtherMethods } from './path.ts';

/** Makes the methods of a reference those of each path that is one. It precedes all operations. */
export function reserveReferences(app: OpenAPIHono<AppEnv>): void {
  app.use(`${routes.WITHOUT_REFERENCE}:preparer_external_reference`, refuseOtherMethods);
}

/** Mounts `/v2/tickets/prepared-tickets/by-reference/{preparer_external_reference}`. */
export function mountByReference(app: OpenAPIHono<AppEnv>): void {
  app.openapi(routes.getPreparedTicketByReference, handlers.get);
  app.openapi(routes.putPreparedTicketByReference, handlers.put);
  app.openapi(routes.deletePreparedTicketByReference, handlers.remove);
  app.use(routes.WITHOUT_REFERENCE, refuseEmptyReference);
}
