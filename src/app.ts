import { OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { matchedRoutes } from 'hono/route';
import { secureHeaders } from 'hono/secure-headers';
import { Authenticator } from './auth/authenticate.ts';
import { ConfigError, configOf } from './config.ts';
import type { AppEnv, Dependencies } from './context.ts';
import { Database } from './db/client.ts';
import { DatabaseUnavailable } from './db/errors.ts';
import { BOOKMARK_HEADER, describeDatabaseUse } from './http/d1-headers.ts';
import { requireJsonBody } from './http/json-body.ts';
import { logFault } from './http/log.ts';
import { policiesOf, policyKey } from './http/operation.ts';
import { requireReadableQuery } from './http/query-string.ts';
import { mountDocument } from './openapi/index.ts';
import { Problem } from './problems/problem.ts';
import { renderError, renderMethodNotAllowed, renderNotFound } from './problems/render.ts';
import { rejectViolations } from './problems/violations.ts';
import { mountHealth } from './resources/health/index.ts';
import { mountToken } from './resources/oauth2/token/index.ts';
import { mountProblems } from './resources/problems/index.ts';
import { mountPreparedTickets } from './resources/tickets/prepared-tickets/index.ts';
import { mountWellKnown } from './resources/well-known/index.ts';

/** Bytes that a body may have. */
const MAX_BODY = 64 * 1024;

const crossOrigin = cors({
  origin: '*',
  allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
  allowHeaders: ['Authorization', 'Content-Type', 'x-api-key', BOOKMARK_HEADER, 'X-Request-Id'],
  exposeHeaders: [
    'Allow',
    'Link',
    'Location',
    'Retry-After',
    'WWW-Authenticate',
    BOOKMARK_HEADER,
    'X-Request-Id',
  ],
  maxAge: 7200,
});

/**
 * The whole composition: what each request passes, in this order, and what answers it.
 *
 * @throws Error when a route declares no policy.
 */
export function createApp(dependencies: Dependencies): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>({ defaultHook: rejectViolations });
  const authenticator = new Authenticator();

  app.onError(
    renderError(
      (error) => error instanceof DatabaseUnavailable || error instanceof ConfigError,
      logFault,
    ),
  );
  app.notFound(renderNotFound);

  app.use(requestId({ generator: () => dependencies.newId() }));
  app.use(secureHeaders({ crossOriginResourcePolicy: 'cross-origin' }));
  app.use(async (c, next) => {
    await next();
    if (!c.res.headers.has('Cache-Control')) {
      c.res.headers.set('Cache-Control', 'private, no-cache');
    }
  });
  app.use(crossOrigin);
  app.use(methodNotAllowed({ app, onMethodNotAllowed: renderMethodNotAllowed }));
  app.use(async (c, next) => {
    c.set('clock', dependencies);
    c.set('config', configOf(c.env));
    c.set('db', new Database(c.env.DB, c.req.header(BOOKMARK_HEADER)));
    await next();
    describeDatabaseUse(c);
  });
  app.use(
    bodyLimit({
      maxSize: MAX_BODY,
      onError: () => {
        throw new Problem('contentTooLarge');
      },
    }),
  );
  app.use(async (c, next) => {
    const route = matchedRoutes(c).find(({ method }) => method !== 'ALL');
    const policy = route && policies.get(policyKey(route));
    if (policy?.scope) {
      c.set('principal', await authenticator.authenticate(c, policy.scope));
    }
    if (policy?.takesQuery) {
      requireReadableQuery(c);
    }
    if (policy?.takesJson) {
      await requireJsonBody(c);
    }
    await next();
  });

  mountPreparedTickets(app);
  mountToken(app, authenticator);
  mountWellKnown(app);
  mountHealth(app);
  mountProblems(app);
  mountDocument(app);

  const policies = policiesOf(documentedRoutes(app), app.routes);
  return app;
}

function documentedRoutes(app: OpenAPIHono<AppEnv>): RouteConfig[] {
  return app.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === 'route' ? [definition.route as RouteConfig] : [],
  );
}
