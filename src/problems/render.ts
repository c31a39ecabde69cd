import type { Context, ErrorHandler, NotFoundHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { AppEnv } from '../context.ts';
import { catalogue, type ProblemName, problemForStatus } from './catalogue.ts';
import { OAuthError, Problem, type ProblemOptions, type Violation } from './problem.ts';
import { withSupport } from './support.ts';
import { listedViolations } from './violations.ts';

/** Seconds that a client is asked to wait after a fault of ours that should pass by itself. */
const RETRY_AFTER = '5';

function violationMembers(violations: readonly Violation[]) {
  const listed = listedViolations(violations);
  const omitted = violations.length - listed.length;
  return { violations: listed, ...(omitted > 0 && { omitted_violations: omitted }) };
}

/** Renders a problem of the catalogue as `application/problem+json` (RFC 9457). */
function renderProblem(
  c: Context,
  name: ProblemName,
  { detail, violations, preparedTicketIds, headers, violatedPolicies }: ProblemOptions = {},
): Response {
  const { type, title, status, detail: standard } = catalogue[name];
  const body = {
    type,
    title,
    status,
    // The configuration is missing when it is itself the fault.
    detail: detail ?? withSupport(standard, (c as Context<AppEnv>).get('config')?.supportContact),
    ...(violations && violationMembers(violations)),
    ...(preparedTicketIds && { prepared_ticket_ids: preparedTicketIds }),
    ...(violatedPolicies && { 'violated-policies': violatedPolicies }),
    request_id: c.get('requestId'),
  };
  return c.body(JSON.stringify(body), status, {
    'Content-Type': 'application/problem+json',
    ...(status === 503 && { 'Retry-After': RETRY_AFTER }),
    ...headers,
  });
}

/** RFC 6749 §5.2: 401 with a challenge for a client that failed to authenticate, else 400. */
function renderOAuthError(c: Context, error: OAuthError): Response {
  const body = { error: error.code, error_description: error.description };
  c.header('Cache-Control', 'no-store');
  if (error.code !== 'invalid_client') {
    return c.json(body, 400);
  }
  return c.json(body, 401, { 'WWW-Authenticate': 'Basic realm="oauth2/token", charset="UTF-8"' });
}

/**
 * The one place where an error becomes a response.
 *
 * @param isUnavailable tells a fault that should pass by itself (503) from a bug (500).
 * @param report is told of each fault of ours; the answer tells nothing of the cause.
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

export const renderNotFound: NotFoundHandler = (c) => renderProblem(c, 'notFound');

/** The value of `Allow`: OPTIONS is answered on every path that there is, so it is always allowed. */
export const allowOf = (methods: readonly string[]): string => [...methods, 'OPTIONS'].join(', ');

/** For `hono/method-not-allowed`. */
export function renderMethodNotAllowed(c: Context, methods: string[]): Response {
  return renderProblem(c, 'methodNotAllowed', { headers: { Allow: allowOf(methods) } });
}
