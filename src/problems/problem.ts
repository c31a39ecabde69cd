import type { ProblemName, ViolationCode } from './catalogue.ts';

/** One broken rule. `detail` is a sentence that tells the caller what to send instead. */
export type Violation = { code: ViolationCode; detail: string } & (
  | { in: 'body'; pointer: string }
  | { in: 'query' | 'path' | 'header'; name: string }
);

export interface ProblemOptions {
  /** Replaces the sentence of the catalogue. It never contains a secret or the cause of a 5xx error. */
  detail?: string;
  violations?: readonly Violation[];
  headers?: Readonly<Record<string, string>>;
  /** The names of the exceeded rate limit policies. */
  violatedPolicies?: readonly string[];
}

/** An error that any code can throw, and that `renderError` turns into problem+json (RFC 9457). */
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

/** The error codes of RFC 6749 §5.2 that a client credentials request can lead to. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope';

/** An error of the token endpoint, rendered as RFC 6749 §5.2 defines and not as a problem. */
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

/** The maximum length of a member or parameter name in a violation, in characters. */
const MAX_NAME_LENGTH = 255;

/** Returns the name of a parameter as a violation shows it, truncated to 255 characters. */
export function shownName(name: string): string {
  return [...name].slice(0, MAX_NAME_LENGTH).join('');
}

/**
 * Returns the JSON pointer (RFC 6901 §6) of a path, as a URI fragment. For a member whose name is longer
 * than 255 characters, it points to the parent of the member.
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
