import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../../context.ts';
import type { Guards } from '../../../http/requests/enforce-policy.ts';
import * as handlers from './token.handlers.ts';
import * as routes from './token.routes.ts';

/** Mounts `/oauth2/token`. */
export function mountToken(app: OpenAPIHono<AppEnv>, guards: Guards): void {
  app.openapi(routes.createToken, handlers.createToken(guards));
}
