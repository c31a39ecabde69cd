import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Authenticator } from '../../../auth/authenticate.ts';
import type { AppEnv } from '../../../context.ts';
import * as handlers from './token.handlers.ts';
import * as routes from './token.routes.ts';

/** Mounts `/oauth2/token`. */
export function mountToken(app: OpenAPIHono<AppEnv>, authenticator: Authenticator): void {
  app.openapi(routes.createToken, handlers.createToken(authenticator));
}
