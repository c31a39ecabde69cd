import { createRoute, type RouteConfig, type z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { matchedRoutes } from 'hono/route';
import { isScope, type Scope } from '../auth/scopes.ts';
import type { ProblemName } from '../problems/catalogue.ts';
import type { Violation } from '../problems/problem.ts';
import {
  defaultProblemResponse,
  headersOfProblem,
  problemResponses,
} from '../problems/responses.ts';
import { BOOKMARK_HEADER } from './d1-headers.ts';
import { type Deprecation, deprecationOf } from './deprecation.ts';
import { everyResponse, type HeaderName, headersNamed } from './headers.ts';
import { policies } from './rate-limit.ts';

/** Who may call: bearers of a scope with an API key of the same partner, or anyone. */
export type Access = Scope | 'public';

interface OperationConfig extends RouteConfig {
  operationId: string;
  access: Access;
  /** Problems that this operation can answer with, beside those that its kind always can. */
  problems?: readonly ProblemName[];
  /** What the document shows as an example of a `violations` problem. */
  violations?: readonly Violation[];
  /** What the document shows as the `detail` of a 404. */
  missing?: string;
  /** A single resource with an entity tag, whose reads and writes evaluate If-Match and If-None-Match. */
  conditional?: 'read' | 'write';
  /** Nothing that a partner's program calls: a page for people, an endpoint for others. The document leaves it out. */
  internal?: boolean;
  /** The secret scanner must have signed the body. */
  requiresSignature?: boolean;
}

/** Characters of a header that every server on the way passes on: Node.js takes 16 KiB for all headers. */
const MAX_PARAMETER = 8192;

const bookmarkParameter = {
  name: BOOKMARK_HEADER,
  in: 'header' as const,
  description:
    'What a write answered with in this header: the request then sees that write, wherever it is answered. Without it, a list may lag behind for a moment. Anything that no write answered with is ignored.',
  // Any value passes: what is no bookmark is ignored.
  schema: { type: 'string' as const, maxLength: MAX_PARAMETER },
  example: '00000085-0000024c-00004c6d-8e61117bf38d7adb71b934ebbf891683',
};

/** Entity tags, one or a list, or `*`. */
const entityTags = {
  type: 'string' as const,
  pattern:
    '^(?:\\*|[ \\t,]*(?:W/)?"[\\x21\\x23-\\x7e]*"(?:[ \\t]*,[ \\t,]*(?:W/)?"[\\x21\\x23-\\x7e]*")*[ \\t,]*)$',
  maxLength: MAX_PARAMETER,
};

const conditionParameter = (name: string, description: string, example: string) => ({
  name,
  in: 'header' as const,
  description,
  schema: entityTags,
  example,
});

const conditionParameters = {
  read: [
    conditionParameter(
      'If-None-Match',
      'The ETag that you have. When it is still the present one, the answer is 304 (RFC 9110 §13.1.2).',
      '"1"',
    ),
    conditionParameter(
      'If-Match',
      'The ETag of the only state that you want to read. When the present state is another, the answer is 412 (RFC 9110 §13.1.1).',
      '*',
    ),
  ],
  write: [
    conditionParameter(
      'If-Match',
      'The ETag of what you read. When somebody changed it since, the answer is 412 and nothing is written (RFC 9110 §13.1.1).',
      '"1"',
    ),
    conditionParameter(
      'If-None-Match',
      'The ETags of states that you do not want to change, or `*` for any. When the present state is one of them, the answer is 412 and nothing is written (RFC 9110 §13.1.2).',
      '"0"',
    ),
  ],
};

function parametersOf({ access, parameters = [], conditional }: OperationConfig) {
  return [
    ...parameters,
    ...(conditional === undefined ? [] : conditionParameters[conditional]),
    ...(access === 'public' ? [] : [{ $ref: `#/components/parameters/${BOOKMARK_HEADER}` }]),
  ];
}

/** Every parameter that operations share, as `#/components/parameters` of the document. */
export const parameterComponents = { [BOOKMARK_HEADER]: bookmarkParameter };

/** Problems that any caller of an operation with a scope can meet. */
const protectedProblems = [
  'credentialsMissing',
  'tokenExpired',
  'tokenInvalid',
  'apiKeyInvalid',
  'scopeMissing',
  'partnerMismatch',
  'quotaExceeded',
  'tooManyFailedAttempts',
  'internalServerError',
  'serviceUnavailable',
] as const satisfies ProblemName[];

const bodyProblems = ['malformedBody', 'unsupportedMediaType'] as const satisfies ProblemName[];

function problemsOf(config: OperationConfig) {
  const { access, method, request, problems = [], violations, conditional } = config;
  return [
    ...(conditional === undefined ? [] : (['preconditionFailed'] as const)),
    ...(method === 'get' ? [] : (['contentTooLarge'] as const)),
    ...(violations ? (['violations'] as const) : []),
    ...(request?.body?.content && 'application/json' in request.body.content ? bodyProblems : []),
    ...(access === 'public' ? [] : protectedProblems),
    ...problems,
  ];
}

const notModifiedResponse = {
  description: 'The state is the one that If-None-Match names.',
  headers: headersNamed(['ETag']),
};

/** Headers that depend on who may call and on what became of the request. */
function headersOf({ access, method }: OperationConfig, status: string): HeaderName[] {
  const isPublic = access === 'public';
  const isLimited = !isPublic || status === '429';
  const hasWritten = !isPublic && method !== 'get' && status.startsWith('2');
  return [
    ...everyResponse,
    ...(isPublic ? [] : (['Link'] as const)),
    ...(isLimited ? (['RateLimit-Policy'] as const) : []),
    ...(hasWritten ? ([BOOKMARK_HEADER] as const) : []),
    ...headersOfProblem(status),
  ];
}

/**
 * Declares an operation: a route of the document with its policy, and with every problem that it can
 * answer. What `access` says is what is enforced (see `policiesOf`).
 */
export function operation<const C extends OperationConfig>(config: C) {
  const {
    access,
    problems: _problems,
    violations,
    missing,
    conditional,
    internal,
    requiresSignature,
    ...route
  } = config;
  const responses = Object.entries({
    ...config.responses,
    ...(conditional === 'read' && { 304: notModifiedResponse }),
    ...problemResponses(problemsOf(config), {
      violations,
      missing,
      ...(access !== 'public' && { scope: access }),
      limits: Object.values(policies).filter(
        (policy) => access === 'public' || policy !== policies.tokenRequests,
      ),
    }),
    default: defaultProblemResponse,
  }).map(([status, response]) => {
    const headers = 'headers' in response ? (response.headers as object) : {};
    const common = headersNamed(headersOf(config, status));
    return [status, { ...response, headers: { ...common, ...headers } }];
  });
  return createRoute({
    ...route,
    security: access === 'public' ? [] : [{ OAuth2: [access], ApiKey: [] }],
    parameters: parametersOf(config),
    responses: Object.fromEntries(responses),
    ...(internal && { 'x-internal': true }),
    ...(requiresSignature && { 'x-requires-signature': true }),
  } as unknown as Omit<
    C,
    | 'access'
    | 'problems'
    | 'violations'
    | 'missing'
    | 'conditional'
    | 'internal'
    | 'requiresSignature'
  >);
}

/** A declared response in JSON, with headers beside those of every response. */
export function json<S extends z.ZodType, const E>(
  description: string,
  schema: S,
  { headers = [], ...shown }: Partial<Shown<E>> & { headers?: readonly HeaderName[] },
) {
  return {
    description,
    headers: headersNamed(headers),
    content: { 'application/json': { schema, ...shown } },
  };
}

/** What the document shows of a body: one example, or several with their names. */
type Shown<E> =
  | { example: E }
  | { examples: Readonly<Record<string, { readonly summary: string; readonly value: E }>> };

/** What is enforced for a route before its validators run. */
export interface Policy {
  readonly operationId: string;
  /** The scope that a caller needs; null for a public operation. */
  readonly scope: Scope | null;
  /** Whether a key of the secret scanner must have signed the body. */
  readonly requiresSignature: boolean;
  readonly takesJson: boolean;
  readonly takesQuery: boolean;
  readonly deprecation: Deprecation | undefined;
}

export type Policies = ReadonlyMap<string, Policy>;

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
