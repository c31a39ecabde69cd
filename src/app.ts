import { OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { Authenticator } from './auth/authenticate.ts';
import { RemoteUnavailable } from './auth/remote-document.ts';
import { ConfigError, configOf } from './config.ts';
import type { AppEnv, Dependencies } from './context.ts';
import { Database } from './db/client.ts';
import { DatabaseUnavailable } from './db/errors.ts';
import { logFault, logRequest } from './http/log.ts';
import { operationOf, policiesOf } from './http/policies.ts';
import { limitBody } from './http/requests/body-limit.ts';
import { enforcePolicy } from './http/requests/enforce-policy.ts';
import { Suspects } from './http/requests/failed-attempts.ts';
import { BOOKMARK_HEADER, describeDatabaseUse } from './http/responses/bookmark.ts';
import { answerOptions, passOverOptions } from './http/responses/cross-origin.ts';
import { prepareReplies } from './http/responses/reply.ts';
import { completeHeaders } from './http/responses/standard-headers.ts';
import { mountDocument } from './openapi/index.ts';
import { allowOf, renderError, renderMethodNotAllowed, renderNotFound } from './problems/render.ts';
import { rejectViolations } from './problems/violations.ts';
import { mountHealth } from './resources/health/index.ts';
import { mountLeakedSecrets } from './resources/leaked-secrets/index.ts';
import { mountToken } from './resources/oauth2/token/index.ts';
import { mountProblems } from './resources/problems/index.ts';
import { mountApiKeys } from './resources/system/api-keys/index.ts';
import { mountClients } from './resources/system/clients/index.ts';
import { mountPreparedTicketExport } from './resources/tickets/prepared-ticket-export/index.ts';
import { mountPreparedTickets } from './resources/tickets/prepared-tickets/index.ts';
import { mountWellKnown } from './resources/well-known/index.ts';

/** Faults that should pass by themselves, or with a setting. */
const unavailable = [DatabaseUnavailable, RemoteUnavailable, ConfigError];

/** Milliseconds that all D1 calls of a request may take together. */
const PATIENCE = 10_000;

/**
 * The whole composition: what each request passes, in this order, and what answers it.
 *
 * @throws Error when a route declares no policy, or a JSON body of a kind that `reply` does not know.
 */
export function createApp(dependencies: Dependencies): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>({ defaultHook: rejectViolations });
  const guards = { authenticator: new Authenticator(), suspects: new Suspects() };

  app.onError(renderError((error) => unavailable.some((kind) => error instanceof kind), logFault));
  app.notFound(renderNotFound);

  // Without a header of its own: the standard headers bring it.
  app.use(
    requestId({ headerName: '', generator: (c) => safeRequestId(c) ?? dependencies.newId() }),
  );
  app.use(async (c, next) => {
    c.set('dependencies', dependencies);
    c.set('policy', operationOf(c, policies));
    const started = dependencies.now();
    await next();
    logRequest(c, started);
  });
  app.use(completeHeaders);
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) =>
        c.req.method === 'OPTIONS'
          ? answerOptions(c, allowOf(methods))
          : renderMethodNotAllowed(c, methods),
    }),
  );
  app.use(passOverOptions);
  app.use(async (c, next) => {
    c.set('config', configOf(c.env));
    c.set('db', new Database(c.env.DB, c.req.header(BOOKMARK_HEADER), PATIENCE));
    await next();
    describeDatabaseUse(c);
  });
  app.use(limitBody);
  app.use((c, next) => enforcePolicy(c, next, guards));

  mountPreparedTickets(app);
  mountPreparedTicketExport(app);
  mountClients(app);
  mountApiKeys(app);
  mountToken(app, guards);
  mountLeakedSecrets(app);
  mountWellKnown(app);
  mountHealth(app);
  mountProblems(app);
  mountDocument(app);

  const routes = documentedRoutes(app);
  prepareReplies(routes);
  const policies = policiesOf(routes, app.routes);
  return app;
}

/** The caller's own request id, if it is one that can go into a log and a header as it is. */
function safeRequestId(c: Context): string | undefined {
  const id = c.req.header('x-request-id');
  return id !== undefined && /^[\w=-]{1,255}$/.test(id) ? id : undefined;
}

function documentedRoutes(app: OpenAPIHono<AppEnv>): RouteConfig[] {
  return app.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === 'route' ? [definition.route as RouteConfig] : [],
  );
}
