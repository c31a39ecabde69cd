import type { Context, ErrorHandler, NotFoundHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { AppEnv } from '../context.ts';
import { catalogue, type ProblemName, problemForStatus } from './catalogue.ts';
import { OAuthError, Problem, type ProblemOptions, type Violation } from './problem.ts';
import { withSupport } from './support.ts';
import { listedViolations } from './violations.ts';

/** The seconds that a 503 asks the client to wait. The cause of a 503 is expected to be temporary. */
const RETRY_AFTER_S = '5';

function violationMembers(violations: readonly Violation[]) {
  const listed = listedViolations(violations);
  const omitted = violations.length - listed.length;
  return { violations: [...listed], ...(omitted > 0 && { omitted_violations: omitted }) };
}

/**
 * Returns the members that every problem has (RFC 9457).
 *
 * @param requestId the request that the problem belongs to.
 */
export function problemMembers(
  c: Context,
  name: ProblemName,
  detail?: string,
  requestId: string = c.get('requestId'),
) {
  const { type, title, status, detail: standard } = catalogue[name];
  return {
    type,
    title,
    status,
    // There is no configuration if reading it is what failed.
    detail: withSupport(detail ?? standard, (c as Context<AppEnv>).get('config')?.supportContact),
    request_id: requestId,
  };
}

/** Returns all members of a problem, as the body of a response or as a part of it. */
export function problemBody(c: Context, { problem, options }: Problem) {
  const { detail, violations, members, violatedPolicies } = options;
  const { request_id, ...standard } = problemMembers(c, problem, detail);
  return {
    ...standard,
    ...(violations && violationMembers(violations)),
    ...members,
    ...(violatedPolicies && { 'violated-policies': [...violatedPolicies] }),
    request_id,
  };
}

/** Renders a problem of the catalogue as `application/problem+json` (RFC 9457). */
function renderProblem(c: Context, name: ProblemName, options: ProblemOptions = {}): Response {
  const body = problemBody(c, new Problem(name, options));
  return c.body(JSON.stringify(body), body.status, {
    'Content-Type': 'application/problem+json',
    ...(body.status === 503 && { 'Retry-After': RETRY_AFTER_S }),
    ...(body.status === 406 && { Vary: 'Accept' }),
    ...options.headers,
  });
}

/** Renders an OAuth error (RFC 6749 §5.2): 401 with a challenge if authentication failed, otherwise 400. */
function renderOAuthError(c: Context, error: OAuthError): Response {
  const body = { error: error.code, error_description: error.description };
  c.header('Cache-Control', 'no-store');
  if (error.code !== 'invalid_client') {
    return c.json(body, 400);
  }
  return c.json(body, 401, { 'WWW-Authenticate': 'Basic realm="oauth2/token", charset="UTF-8"' });
}

/**
 * Returns the error handler of the app, the only code that turns an error into a response.
 *
 * @param isUnavailable returns whether a fault is expected to be temporary (503) or is a bug (500).
 * @param report receives each internal fault. The response does not reveal its cause.
 */
export function renderError(
  isUnavailable: (error: Error) => boolean,
  report: (c: Context, error: Error) => void,
): ErrorHandler {
  return (error, c) => {
    if (error instanceof Problem) {
      return renderProblem(c, error.problem, error.options);
    }
    if (error instanceof OAuthError) {
      return renderOAuthError(c, error);
    }
    if (error instanceof HTTPException && error.status < 500) {
      return renderProblem(c, problemForStatus(error.status));
    }
    report(c, error);
    return renderProblem(c, isUnavailable(error) ? 'serviceUnavailable' : 'internalServerError');
  };
}

/** Renders a 404 for a path that matches no operation. */
export const renderNotFound: NotFoundHandler = (c) => renderProblem(c, 'notFound');

/** Returns the value of `Allow`. It always includes OPTIONS, which every existing path supports. */
export const allowOf = (methods: readonly string[]): string => [...methods, 'OPTIONS'].join(', ');

/** Renders a 405. It is the callback of `hono/method-not-allowed`. */
export function renderMethodNotAllowed(c: Context, methods: string[]): Response {
  return renderProblem(c, 'methodNotAllowed', { headers: { Allow: allowOf(methods) } });
}
