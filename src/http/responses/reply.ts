import type { RouteConfig, z } from '@hono/zod-openapi';
import type { Context, TypedResponse } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { JSONParsed } from 'hono/utils/types';
import type { AppEnv } from '../../context.ts';
import { entityTag } from '../requests/conditional.ts';
import { type Page, pageLinks } from '../requests/pagination.ts';
import { pickOf } from './declared-members.ts';
import { markComplete, responseHeaders } from './standard-headers.ts';

interface JsonResponse<S extends z.ZodType = z.ZodType> {
  readonly content: { readonly 'application/json': { readonly schema: S } };
}

/** The statuses for which a route declares a JSON body. */
type JsonStatus<R extends RouteConfig> = {
  [S in keyof R['responses']]: R['responses'][S] extends JsonResponse ? S : never;
}[keyof R['responses']] &
  ContentfulStatusCode;

/** The body that a route declares for a status. */
type JsonBody<R extends RouteConfig, S extends JsonStatus<R>> =
  R['responses'][S] extends JsonResponse<infer Schema> ? z.output<Schema> : never;

/** Returns the schema of a declared response, or undefined if its body is not JSON. */
function schemaOf(response: RouteConfig['responses'][string] | undefined): z.ZodType | undefined {
  const content = response && 'content' in response ? response.content : undefined;
  const media = content?.['application/json'];
  return media && 'schema' in media ? (media.schema as z.ZodType) : undefined;
}

/**
 * Prepares the response bodies that routes declare, so that the API does not start with an unsuitable
 * schema.
 *
 * @throws Error that names the operation and the status, if a schema could let undeclared members
 * through.
 */
export function prepareReplies(routes: readonly RouteConfig[]): void {
  for (const { operationId, responses } of routes) {
    // The other responses are problems, which `reply` does not send.
    for (const status of Object.keys(responses).filter((each) => each < '4')) {
      const schema = schemaOf(responses[status]);
      try {
        schema && pickOf(schema);
      } catch (cause) {
        throw new Error(`The ${status} of ${operationId} has an unfit schema.`, { cause });
      }
    }
  }
}

/** The headers of a response that contains a secret, which no cache may store. */
export const NO_STORE = { 'Cache-Control': 'no-store' } as const;

/** What a response tells in its headers. */
export interface Facts {
  /** The entity tag of the resource without its quotes, which becomes the `ETag`. */
  readonly tag?: string;
  /** The path of the resource, which becomes `Location` and `Content-Location`, as far as the route declares them. */
  readonly location?: string;
  /** The path for `Content-Location`, if it is not `location`. */
  readonly contentLocation?: string;
  /** The page of a list, whose body has the `total`. It becomes the `Link` header. */
  readonly page?: Page;
  /** Whether an earlier request with the same idempotency key got this response first. */
  readonly isReplay?: boolean;
  /** Further headers. One whose value is undefined is omitted. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Returns the headers for the facts of a response. */
function headersOf(
  c: Context<AppEnv>,
  declared: RouteConfig['responses'][string] | undefined,
  body: unknown,
  { tag, location, contentLocation = location, page, isReplay, headers }: Facts,
): Record<string, string | undefined> {
  const url = (path?: string) => (path === undefined ? undefined : new URL(path, c.req.url).href);
  const names = (declared && 'headers' in declared && declared.headers) || {};
  return {
    ETag: tag === undefined ? undefined : entityTag(tag),
    Location: 'Location' in names ? url(location) : undefined,
    'Content-Location': 'Content-Location' in names ? url(contentLocation) : undefined,
    Link: page && pageLinks(c.req.url, page, (body as { total: number }).total),
    'Idempotent-Replayed': isReplay ? 'true' : undefined,
    ...headers,
  };
}

/**
 * Returns the JSON response that a route declares for a status. The body must have the declared type, or
 * the call does not compile. Undeclared members, which a wider type can carry, are dropped.
 *
 * @param body the response body.
 * @param facts what its headers tell.
 * @throws Error if the route declares no JSON body for the status.
 */
export function reply<R extends RouteConfig, S extends JsonStatus<R>>(
  c: Context<AppEnv>,
  route: R,
  status: S,
  body: JsonBody<R, S>,
  facts: Facts = {},
): Response & TypedResponse<JSONParsed<JsonBody<R, S>>, S, 'json'> {
  const declared = route.responses[status];
  const schema = schemaOf(declared);
  if (schema === undefined) {
    throw new Error(`${route.operationId} declares no ${status} in JSON`);
  }
  const response = new Response(JSON.stringify(pickOf(schema)(body)), {
    status,
    headers: responseHeaders(c, {
      'Content-Type': 'application/json',
      ...headersOf(c, declared, body, facts),
    }),
  });
  return markComplete(response) as Response & TypedResponse<JSONParsed<JsonBody<R, S>>, S, 'json'>;
}
