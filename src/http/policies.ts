import type { RouteConfig } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { matchedRoutes } from 'hono/route';
import { isScope } from '../auth/scopes.ts';
import type { Policies, Policy } from '../policy.ts';
import { deprecationOf } from './responses/deprecation.ts';

interface Route {
  readonly method: string;
  readonly path: string;
}

/** The key of a policy: method and path as Hono's router names them. */
export function policyKey({ method, path }: Route): string {
  return `${method.toUpperCase()} ${path}`;
}

/** The policy of the operation that a request meets; HEAD meets that of GET. */
export function operationOf(c: Context, policies: Policies): Policy | undefined {
  const route = matchedRoutes(c).find(({ method }) => method !== 'ALL');
  return route && policies.get(policyKey(route));
}

/** Reads the policy of a route from what the document says of it. */
function policyOf(route: RouteConfig): Policy {
  const { operationId, security } = route;
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
    scope: scope ?? null,
    requiresSignature: route['x-requires-signature'] === true,
    takesJson: content !== undefined && 'application/json' in content,
    maxBodyBytes: route['x-max-body-bytes'] as number | undefined,
    takesQuery: route.request?.query !== undefined,
    deprecation: deprecationOf(route),
  };
}

/**
 * The policy of every route, from the document's own definitions.
 *
 * @param documented the routes of the OpenAPI registry.
 * @param served the routes that the router answers, middleware left out.
 * @throws Error for a route that declares no policy: such an API must not start.
 */
export function policiesOf(documented: readonly RouteConfig[], served: readonly Route[]): Policies {
  const policies = new Map(
    documented.map((route) => [
      policyKey({ method: route.method, path: route.path.replaceAll(/\/\{(.+?)\}/g, '/:$1') }),
      policyOf(route),
    ]),
  );
  for (const route of served) {
    if (route.method !== 'ALL' && !policies.has(policyKey(route))) {
      throw new Error(`${policyKey(route)} declares no policy`);
    }
  }
  return policies;
}
