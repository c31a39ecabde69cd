import { OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { Authenticator } from './auth/authenticate.ts';
import { RemoteUnavailable } from './auth/remote-document.ts';
import { ConfigError, configOf } from './config.ts';
import type { AppEnv, Dependencies } from './context.ts';
import { DatabaseUnavailable } from './db/errors.ts';
import { PartnerLines } from './db/partner-lines.ts';
import { logFault, logRequest } from './http/log.ts';
import { policiesOf, policyOfRequest } from './http/policies.ts';
import { limitBody } from './http/requests/body-limit.ts';
import { enforcePolicy } from './http/requests/enforce-policy.ts';
import { FailedAttempts } from './http/requests/failed-attempts.ts';
import { enterHome } from './http/requests/home.ts';
import { describeDatabaseUse } from './http/responses/bookmark.ts';
import { respondToOptions, skipOptions } from './http/responses/cross-origin.ts';
import { prepareReplies } from './http/responses/reply.ts';
import { completeHeaders } from './http/responses/standard-headers.ts';
import { mountDocument } from './openapi/index.ts';
import { allowOf, renderError, renderMethodNotAllowed, renderNotFound } from './problems/render.ts';
import { rejectViolations } from './problems/violations.ts';
import { mountHealth } from './resources/health/health.ts';
import { mountLeakedSecrets } from './resources/leaked-secrets/leaked-secrets.ts';
import { tokenEndpoint } from './resources/oauth2/token/token-request.ts';
import { mountProblems } from './resources/problems/problems.ts';
import { mountApiKeys } from './resources/system/api-keys.ts';
import { mountClients } from './resources/system/clients.ts';
import { mountEvents } from './resources/system/events/events.ts';
import { mountPartner } from './resources/system/partner/partner.ts';
import { mountDeliveries } from './resources/system/webhook-endpoints/deliveries.ts';
import { EndpointWaker } from './resources/system/webhook-endpoints/delivery/wake.ts';
import { mountReplays } from './resources/system/webhook-endpoints/replays.ts';
import { mountWebhookEndpoints } from './resources/system/webhook-endpoints/webhook-endpoints.ts';
import { mountPreparedTicketBatches } from './resources/tickets/prepared-ticket-batches/prepared-ticket-batches.ts';
import { mountPreparedTicketExport } from './resources/tickets/prepared-ticket-export/prepared-ticket-export.ts';
import { mountPreparedTicketSyncs } from './resources/tickets/prepared-ticket-syncs/prepared-ticket-syncs.ts';
import { reserveReferences } from './resources/tickets/prepared-tickets/by-reference/path.ts';
import { mountPreparedTickets } from './resources/tickets/prepared-tickets/prepared-tickets.ts';
import { mountTicketExport } from './resources/tickets/ticket-export/ticket-export.ts';
import { mountTickets } from './resources/tickets/tickets/tickets.ts';
import { mountWellKnown } from './resources/well-known/well-known.ts';

/** The errors that are reported as 503, because they are temporary or need a change of configuration. */
const UNAVAILABLE_ERRORS = [DatabaseUnavailable, RemoteUnavailable, ConfigError];

/**
 * Creates the app: registers the middleware in the order in which requests pass it, and the routes.
 *
 * @throws Error if a route declares no policy, or a JSON body with a kind of schema that `reply` does not
 * support.
 */
export function createApp(dependencies: Dependencies): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>({ defaultHook: rejectViolations });
  const guards = {
    authenticator: new Authenticator(),
    failedAttempts: new FailedAttempts(),
    partnerLines: new PartnerLines(),
  };
  const waker = new EndpointWaker();

  app.onError(
    renderError((error) => UNAVAILABLE_ERRORS.some((kind) => error instanceof kind), logFault),
  );
  app.notFound(renderNotFound);

  // This sets no header, because `completeHeaders` sets X-Request-Id on every response.
  app.use(
    requestId({ headerName: '', generator: (c) => safeRequestId(c) ?? dependencies.newId() }),
  );
  app.use(async (c, next) => {
    c.set('dependencies', dependencies);
    c.set('policy', policyOfRequest(c, policies));
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
          ? respondToOptions(c, allowOf(methods))
          : renderMethodNotAllowed(c, methods),
    }),
  );
  reserveReferences(app);
  app.use(skipOptions);
  app.use(limitBody);
  mountDocument(app);
  // The routes below need the configuration and the database. The document above needs neither.
  app.use(async (c, next) => {
    const config = configOf(c.env);
    c.set('config', config);
    enterHome(c, config.homes[0]);
    await next();
    describeDatabaseUse(c);
  });
  app.use(async (c, next) => {
    await next();
    waker.afterResponse(c);
  });
  app.use((c, next) => enforcePolicy(c, next, guards));

  mountPreparedTickets(app);
  mountPreparedTicketBatches(app);
  mountPreparedTicketSyncs(app);
  mountPreparedTicketExport(app);
  mountTickets(app);
  mountTicketExport(app);
  mountClients(app);
  mountApiKeys(app);
  mountPartner(app);
  mountEvents(app);
  mountWebhookEndpoints(app);
  mountDeliveries(app);
  mountReplays(app);
  tokenEndpoint(guards)(app);
  mountLeakedSecrets(app);
  mountWellKnown(app);
  mountHealth(app);
  mountProblems(app);

  const routes = documentedRoutes(app);
  prepareReplies(routes);
  const policies = policiesOf(routes, app.routes);
  return app;
}

/** Returns the request id of the caller if it is safe to copy into a log and a header. */
function safeRequestId(c: Context): string | undefined {
  const id = c.req.header('x-request-id');
  return id !== undefined && /^[\w=-]{1,255}$/.test(id) ? id : undefined;
}

/** Returns the routes that the OpenAPI document describes. */
function documentedRoutes(app: OpenAPIHono<AppEnv>): RouteConfig[] {
  return app.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === 'route' ? [definition.route as RouteConfig] : [],
  );
}
