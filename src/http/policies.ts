import type { RouteConfig } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { matchedRoutes } from 'hono/route';
import { isScope } from '../auth/scopes.ts';
import type { OwnLimit, Policies, Policy } from '../policy.ts';
import { deprecationOf } from './responses/deprecation.ts';

interface Route {
  readonly method: string;
  readonly path: string;
}

/** Returns the key of a policy: the method and the path, in the syntax of Hono's router. */
export function policyKey({ method, path }: Route): string {
  return `${method.toUpperCase()} ${path}`;
}

/**
 * Returns the policy of the operation that a request is routed to. A HEAD request has the policy of GET.
 *
 * @returns undefined if no operation matches the request.
 */
export function policyOfRequest(c: Context, policies: Policies): Policy | undefined {
  const route = matchedRoutes(c).find(({ method }) => method !== 'ALL');
  return route && policies.get(policyKey(route));
}

/**
 * Derives the policy of a route from its declaration in the document.
 *
 * @param methods the methods of all routes with its path.
 * @throws Error if the route declares no security or an unknown scope.
 */
function policyOfRoute(route: RouteConfig, methods: readonly string[]): Policy {
  const { operationId, security, parameters = [], responses } = route;
  if (operationId === undefined || security === undefined) {
    throw new Error(`${route.method} ${route.path} declares no policy`);
  }
  const scope = security[0]?.OAuth2?.[0];
  if (scope !== undefined && !isScope(scope)) {
    throw new Error(`${operationId} declares the unknown scope ${scope}`);
  }
  const content = route.request?.body?.content;
  return {
    operationId,
    // Any requirement counts, so that an unusual one protects a route rather than opens it.
    requiresCredentials: security.length > 0,
    scope: scope ?? null,
    requiresSignature: route['x-requires-signature'] === true,
    takesJson: content !== undefined && 'application/json' in content,
    maxBodyBytes: route['x-max-body-bytes'] as number | undefined,
    takesQuery: route.request?.query !== undefined,
    takesHandling: parameters.some((each) => 'name' in each && each.name === 'Prefer'),
    methods,
    responses,
    ownLimit: route['x-rate-limit-policy'] as OwnLimit | undefined,
    deprecation: deprecationOf(route),
  };
}

/** Returns a path of the document in the syntax of Hono's router. */
const pathOfRouter = (path: string): string => path.replaceAll('/{', '/:').replaceAll('}', '');

/** Returns the methods of routes, with HEAD after GET, as `hono/method-not-allowed` lists them. */
const methodsOf = (routes: readonly RouteConfig[]): string[] =>
  routes.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));

/**
 * Derives the policy of every route from the definitions in the document.
 *
 * @param documented the routes of the OpenAPI registry.
 * @param served the routes of the router. Middleware, which is registered for all methods, is ignored.
 * @throws Error if a served route declares no policy, because the API must not start with a route that
 * nothing protects.
 */
export function policiesOf(documented: readonly RouteConfig[], served: readonly Route[]): Policies {
  const ofPath = Map.groupBy(documented, ({ path }) => path);
  const policies = new Map(
    documented.map((route) => [
      policyKey({ method: route.method, path: pathOfRouter(route.path) }),
      policyOfRoute(route, methodsOf(ofPath.get(route.path) ?? [])),
    ]),
  );
  for (const route of served) {
    if (route.method !== 'ALL' && !policies.has(policyKey(route))) {
      throw new Error(`${policyKey(route)} declares no policy`);
    }
  }
  return policies;
}
