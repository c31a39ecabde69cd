import type { RouteConfig, z } from '@hono/zod-openapi';
import type { Context, TypedResponse } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { AppEnv } from '../../context.ts';
import { pickOf } from './declared-members.ts';
import { complete, responseHeaders } from './standard-headers.ts';

/** The type that zod-openapi lets any handler return: `reply` keeps to the route by itself. */
export type AnyTypedResponse = Response & TypedResponse<never, never, never>;

/** The schema that a route declares for a status; a route without one is a bug. */
function schemaOf(route: RouteConfig, status: number): z.ZodType {
  const response = route.responses[status];
  const media = response && 'content' in response ? response.content?.['application/json'] : null;
  if (!media || !('schema' in media)) {
    throw new Error(`${route.operationId} declares no ${status} in JSON`);
  }
  return media.schema as z.ZodType;
}

/**
 * Answers with a JSON body of what the route declares for the status: members that it does not
 * declare are left out.
 */
export function reply(
  c: Context<AppEnv>,
  route: RouteConfig,
  status: ContentfulStatusCode,
  body: unknown,
  headers: Readonly<Record<string, string | undefined>> = {},
): AnyTypedResponse {
  const declared = pickOf(schemaOf(route, status))(body);
  return complete(
    new Response(JSON.stringify(declared), {
      status,
      headers: responseHeaders(c, { 'Content-Type': 'application/json', ...headers }),
    }),
  ) as AnyTypedResponse;
}
