import type { RouteConfig, z } from '@hono/zod-openapi';
import type { Access, OwnLimit, Scope } from '../policy.ts';
import type { ProblemName } from '../problems/catalogue.ts';
import {
  defaultProblemResponse,
  type ExampleViolations,
  headersOfProblem,
  problemResponses,
} from '../problems/responses.ts';
import { malformedCondition } from './requests/conditional.ts';
import { rateLimitPolicies } from './requests/rate-limit.ts';
import { conditionParameters } from './requests/shared-parameters.ts';
import { BOOKMARK_HEADER } from './responses/bookmark.ts';
import { everyResponse, type HeaderName, headersNamed } from './responses/header-components.ts';

/** A request header of an operation, either in full or as a reference to a component. */
type HeaderParameter =
  | { $ref: string }
  | {
      name: string;
      in: 'header';
      description: string;
      schema: { type: 'string'; pattern?: string; minLength?: number; maxLength: number };
      example: string;
    };

interface OperationConfig extends RouteConfig {
  operationId: string;
  parameters?: HeaderParameter[];
  access: Access;
  /** Problems that this operation can return in addition to those that follow from its other settings. */
  problems?: readonly ProblemName[];
  /**
   * The example of a `violations` problem in the document. By default a conditional operation shows a malformed
   * `If-Match`, and any other one has no such problem.
   */
  violations?: ExampleViolations;
  /** The `detail` of the 404 example in the document. */
  missing?: string;
  /**
   * Whether the operation reads or writes a single resource that has an entity tag. Such an operation
   * evaluates `If-Match` and `If-None-Match` (RFC 9110 §13.1).
   */
  conditional?: 'read' | 'write';
  /** The example of such a tag in the document. By default it is that of a resource whose tag is its version. */
  tagExample?: string;
  /**
   * Whether the document omits the operation, because partners' programs do not call it: it is a page
   * for people or an endpoint for another party.
   */
  internal?: boolean;
  /** Whether the body must carry a signature of the secret scanner. */
  requiresSignature?: boolean;
  /** The longest body that it takes, in bytes, if that is not the limit of all others. */
  maxBodyBytes?: number;
  /** The rate limit of its requests beside that of all requests of the partner. */
  ownLimit?: OwnLimit;
  /** Whether it can ask the receiver of webhooks for consent, which the handler counts against `consents`. */
  asksReceiver?: boolean;
}

function parametersOf({
  access,
  parameters = [],
  conditional,
  tagExample = '"1"',
}: OperationConfig): HeaderParameter[] {
  return [
    ...parameters,
    ...(conditional === undefined ? [] : conditionParameters[conditional](tagExample)),
    ...(access === 'public' ? [] : [{ $ref: `#/components/parameters/${BOOKMARK_HEADER}` }]),
  ];
}

/** Problems that every operation with a scope can return. */
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

/** Returns the scope that an access rule requires, or undefined if it requires none. */
function scopeOf(access: Access): Scope | undefined {
  return access === 'public' || access === 'both-credentials' ? undefined : access;
}

/** Returns the problems that follow from an access rule. */
function accessProblems(access: Access): ProblemName[] {
  if (access === 'public') {
    return [];
  }
  const needsScope = scopeOf(access) !== undefined;
  return protectedProblems.filter((name) => needsScope || name !== 'scopeMissing');
}

/** Returns the security requirement of an access rule in the document. */
function securityOf(access: Access) {
  const scope = scopeOf(access);
  return access === 'public' ? [] : [{ OAuth2: scope === undefined ? [] : [scope], ApiKey: [] }];
}

const bodyProblems = ['malformedBody', 'unsupportedMediaType'] as const satisfies ProblemName[];

/** Returns the example of a `violations` problem of an operation; undefined if it has no such problem. */
function violationsOf({ violations, conditional }: OperationConfig) {
  return violations ?? (conditional && [malformedCondition('if-match')]);
}

function problemsOf(config: OperationConfig) {
  const { access, method, request, problems = [], conditional } = config;
  return [
    ...(conditional === undefined ? [] : (['preconditionFailed'] as const)),
    ...(method === 'get' ? [] : (['contentTooLarge'] as const)),
    ...(violationsOf(config) ? (['violations'] as const) : []),
    ...(request?.body?.content && 'application/json' in request.body.content ? bodyProblems : []),
    ...accessProblems(access),
    ...problems,
  ];
}

/** Returns the declaration of a 304, which names its resource in the headers in which the 200 does. */
const notModifiedResponse = (ok: object = {}) => ({
  description: 'The resource has not changed: its current ETag matches `If-None-Match`.',
  headers: headersNamed(
    'headers' in ok && 'Content-Location' in (ok.headers as object)
      ? ['ETag', 'Content-Location']
      : ['ETag'],
  ),
});

/**
 * The statuses of responses that come before a D1 call has succeeded, as a rule. The limit on questions to a receiver
 * is the one that counts after a call.
 */
const STATUSES_WITHOUT_BOOKMARK = ['401', '403', '429', 'default'];

/** Returns the headers of a response, which depend on the access rule and the status. */
function headersOf({ access, asksReceiver }: OperationConfig, status: string): HeaderName[] {
  const isPublic = access === 'public';
  const isLimited = !isPublic || status === '429';
  const hasBookmark =
    !isPublic &&
    (!STATUSES_WITHOUT_BOOKMARK.includes(status) || (status === '429' && asksReceiver));
  return [
    ...everyResponse,
    ...(isPublic ? [] : (['Link'] as const)),
    ...(isLimited ? (['RateLimit-Policy'] as const) : []),
    ...(hasBookmark ? ([BOOKMARK_HEADER] as const) : []),
    ...headersOfProblem(status),
  ];
}

/** Returns the rate limit policies that a request of the operation can exceed. */
function limitsOf({ access, ownLimit, asksReceiver }: OperationConfig) {
  const { partner, consents, refusedCredentials, tokenRequests } = rateLimitPolicies;
  return [
    partner,
    ...(ownLimit === undefined ? [] : [rateLimitPolicies[ownLimit.name]]),
    ...(asksReceiver ? [consents] : []),
    refusedCredentials,
    ...(access === 'public' ? [tokenRequests] : []),
  ];
}

/** The responses of an operation: the declared ones, 304 for a conditional read, and the problems. */
type ResponsesOf<C extends OperationConfig> = C['responses'] &
  (C extends { conditional: 'read' } ? { 304: ReturnType<typeof notModifiedResponse> } : unknown);

/**
 * Returns the responses of an operation. Those of problems are built when they are read, which only the build of
 * the document does: they would be a sixth of the start of the Worker.
 */
function responsesOf<C extends OperationConfig>(config: C): ResponsesOf<C> {
  const { access, conditional, missing } = config;
  const withHeaders = (status: string, response: object) => {
    const headers = 'headers' in response ? (response.headers as object) : {};
    return { ...response, headers: { ...headersNamed(headersOf(config, status)), ...headers } };
  };
  const declared = Object.entries({
    ...config.responses,
    ...(conditional === 'read' && { 304: notModifiedResponse(config.responses[200]) }),
  });
  const responses = Object.fromEntries(
    declared.map(([status, response]) => [status, withHeaders(status, response)]),
  );
  const problems = problemResponses(problemsOf(config), {
    violations: violationsOf(config),
    missing,
    scope: scopeOf(access),
    limits: limitsOf(config),
  });
  for (const [status, response] of [...problems, ['default', defaultProblemResponse] as const]) {
    Object.defineProperty(responses, status, {
      enumerable: true,
      get: () => withHeaders(status, response()),
    });
  }
  // The declared type is correct except for the headers: each response has more than the type lists.
  return responses as ResponsesOf<C>;
}

/**
 * Declares an operation: a route of the document with its policy and with every problem that it can
 * return. The Worker enforces the declared `access` (see `policiesOf`). The returned type keeps the
 * schema of each declared response, so that `reply` can check response bodies against it.
 *
 * @param config the route, its access rule and the problems that are specific to it.
 * @returns the route with its security, parameters, problems and headers filled in.
 */
export function operation<const C extends OperationConfig>(config: C) {
  const {
    access,
    problems: _problems,
    violations: _violations,
    missing: _missing,
    conditional: _conditional,
    tagExample: _tagExample,
    internal,
    requiresSignature,
    maxBodyBytes,
    ownLimit,
    asksReceiver,
    responses: _responses,
    parameters: _parameters,
    ...route
  } = config;
  return {
    ...route,
    security: securityOf(access),
    parameters: parametersOf(config),
    responses: responsesOf(config),
    ...(internal && { 'x-internal': true }),
    ...(requiresSignature && { 'x-requires-signature': true }),
    ...(maxBodyBytes !== undefined && { 'x-max-body-bytes': maxBodyBytes }),
    ...(ownLimit && { 'x-rate-limit-policy': ownLimit }),
    ...(asksReceiver && { 'x-asks-receiver': true }),
  };
}

/**
 * Returns the declaration of a JSON response.
 *
 * @param options the examples that the document shows, and `headers`: the names of the headers that
 * the response has in addition to those of every response.
 */
export function json<S extends z.ZodType, const E>(
  description: string,
  schema: S,
  { headers = [], ...examples }: Partial<Examples<E>> & { headers?: readonly HeaderName[] },
) {
  return {
    description,
    headers: headersNamed(headers),
    content: { 'application/json': { schema, ...examples } },
  };
}

/** Returns the declaration of a JSON body, which the request must have. */
export function jsonBody<S extends z.ZodType, const E>(description: string, schema: S, example: E) {
  return {
    required: true as const,
    description,
    content: { 'application/json': { schema, example } },
  };
}

/** The examples of a body in the document: a single one, or several with names. */
type Examples<E> =
  | { example: E }
  | { examples: Readonly<Record<string, { readonly summary: string; readonly value: E }>> };
