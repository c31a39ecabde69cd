import type { OpenAPIHono, RouteConfig, RouteHandler } from '@hono/zod-openapi';
import type { AppEnv } from '../context.ts';

/** Registers operations with the app. */
export type Mount = (app: OpenAPIHono<AppEnv>) => void;

/**
 * Binds a handler to the operation that it serves. The types of the validated request and of the response come
 * from the route, so a handler of another route does not compile.
 */
export function serve<R extends RouteConfig>(route: R, handler: RouteHandler<R, AppEnv>): Mount {
  return (app) => {
    app.openapi(route, handler);
  };
}

/** Joins the operations of a resource into one. */
export const mounted =
  (...operations: readonly Mount[]): Mount =>
  (app) => {
    for (const mount of operations) {
      mount(app);
    }
  };
