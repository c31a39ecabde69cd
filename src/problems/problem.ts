import type { ProblemName } from './catalogue.ts';
import type { ViolationCode } from './violation-codes.ts';

/** A rule that a request breaks. `detail` is one sentence that tells the caller what to send instead. */
export type Violation = { code: ViolationCode; detail: string } & (
  | { in: 'body'; pointer: string }
  | { in: 'query' | 'path' | 'header'; name: string }
);

export interface ProblemOptions {
  /** Replaces the `detail` of the catalogue. It never contains a secret or the cause of an internal fault. */
  detail?: string;
  violations?: readonly Violation[];
  /** Additional response headers. */
  headers?: Readonly<Record<string, string>>;
  /** The values of the members that `problemWith` declares for the problem. */
  members?: object;
  /** The names of the exceeded rate limit policies. */
  violatedPolicies?: readonly string[];
}

/**
 * An error that the caller is told about. Any code may throw it; `renderError` renders it as
 * `application/problem+json` (RFC 9457).
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly problem: ProblemName;
  readonly options: ProblemOptions;

  constructor(problem: ProblemName, options: ProblemOptions = {}) {
    super(problem);
    this.problem = problem;
    this.options = options;
  }
}

/** The error codes of RFC 6749 §5.2 that apply to the client credentials grant. */
export const oauthErrorCodes = [
  'invalid_request',
  'invalid_client',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
] as const;

export type OAuthErrorCode = (typeof oauthErrorCodes)[number];

/** An error of the token endpoint. It is rendered as RFC 6749 §5.2 defines, not as a problem. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: OAuthErrorCode;
  readonly description: string;

  /** @param description printable ASCII without `"` and `\`, as RFC 6749 §5.2 requires. */
  constructor(code: OAuthErrorCode, description: string) {
    super(code);
    this.code = code;
    this.description = description;
  }
}

/** The longest name of a member or parameter that a violation repeats, in characters. */
const MAX_NAME_LENGTH = 255;

/** Returns the name of a parameter as a violation shows it, truncated to 255 characters. */
export function shownName(name: string): string {
  return [...name].slice(0, MAX_NAME_LENGTH).join('');
}

/**
 * Returns the JSON Pointer of a path as a URI fragment (RFC 6901 §6). If the path contains a member name
 * of more than 255 characters, the result points at the parent of that member.
 *
 * @example pointer(['a/b', 0]) // '#/a~1b/0'
 */
export function pointer(path: readonly PropertyKey[]): string {
  const long = path.findIndex((step) => [...String(step)].length > MAX_NAME_LENGTH);
  const tokens = path
    .slice(0, long === -1 ? undefined : long)
    .map((step) =>
      encodeURIComponent(String(step).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1')),
    );
  return ['#', ...tokens].join('/');
}
