import type { RouteConfig, z } from '@hono/zod-openapi';
import type { Access } from '../policy.ts';
import type { ProblemName } from '../problems/catalogue.ts';
import type { Violation } from '../problems/problem.ts';
import {
  defaultProblemResponse,
  headersOfProblem,
  problemResponses,
} from '../problems/responses.ts';
import { policies } from './requests/rate-limit.ts';
import { conditionParameters } from './requests/shared-parameters.ts';
import { BOOKMARK_HEADER } from './responses/bookmark.ts';
import { everyResponse, type HeaderName, headersNamed } from './responses/header-components.ts';

/** A header that an operation takes, in full or as a reference to a component. */
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
  /** The longest body that it takes, in bytes, if that is not the limit of all others. */
  maxBodyBytes?: number;
}

function parametersOf({
  access,
  parameters = [],
  conditional,
}: OperationConfig): HeaderParameter[] {
  return [
    ...parameters,
    ...(conditional === undefined ? [] : conditionParameters[conditional]),
    ...(access === 'public' ? [] : [{ $ref: `#/components/parameters/${BOOKMARK_HEADER}` }]),
  ];
}

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

/** The responses of an operation: its own, 304 for a conditional read, and problems. */
type ResponsesOf<C extends OperationConfig> = C['responses'] &
  (C extends { conditional: 'read' } ? { 304: typeof notModifiedResponse } : unknown);

function responsesOf<C extends OperationConfig>(config: C): ResponsesOf<C> {
  const { access, conditional, violations, missing } = config;
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
    return [status, { ...response, headers: { ...common, ...headers } }] as const;
  });
  // Only the headers differ from the declared type, which names some of them.
  return Object.fromEntries(responses) as ResponsesOf<C>;
}

/**
 * Declares an operation: a route of the document with its policy, and with every problem that it can
 * answer. What `access` says is what is enforced (see `policiesOf`). The type of the result keeps the
 * schema of each declared response, which `reply` holds the bodies to.
 */
export function operation<const C extends OperationConfig>(config: C) {
  const {
    access,
    problems: _problems,
    violations: _violations,
    missing: _missing,
    conditional: _conditional,
    internal,
    requiresSignature,
    maxBodyBytes,
    responses: _responses,
    parameters: _parameters,
    ...route
  } = config;
  return {
    ...route,
    security: access === 'public' ? [] : [{ OAuth2: [access], ApiKey: [] }],
    parameters: parametersOf(config),
    responses: responsesOf(config),
    ...(internal && { 'x-internal': true }),
    ...(requiresSignature && { 'x-requires-signature': true }),
    ...(maxBodyBytes !== undefined && { 'x-max-body-bytes': maxBodyBytes }),
  };
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
