import type { ProblemName, ViolationCode } from './catalogue.ts';

/** One broken rule. `detail` is one sentence that says what to send instead. */
export type Violation = { code: ViolationCode; detail: string } & (
  | { in: 'body'; pointer: string }
  | { in: 'query' | 'path' | 'header'; name: string }
);

export interface ProblemOptions {
  /** Replaces the catalogue's sentence. Never holds a secret or the cause of a fault of ours. */
  detail?: string;
  violations?: readonly Violation[];
  headers?: Readonly<Record<string, string>>;
  /** The prepared tickets that an ambiguous reference could mean. */
  preparedTicketIds?: readonly string[];
  /** Names of the rate limit policies that were exceeded. */
  violatedPolicies?: readonly string[];
}

/** The one way to fail: thrown anywhere, rendered once as problem+json (RFC 9457). */
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

/** The error codes of RFC 6749 §5.2 that the client credentials grant can meet. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope';

/** An error of the token endpoint, answered as RFC 6749 §5.2 says instead of as a problem. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: OAuthErrorCode;
  readonly description: string;

  /** @param description printable ASCII without `"` and `\`, as RFC 6749 §5.2 wants. */
  constructor(code: OAuthErrorCode, description: string) {
    super(code);
    this.code = code;
    this.description = description;
  }
}

/** Characters of the name of a member or parameter that a violation repeats at most. */
const MAX_NAME_LENGTH = 255;

/** Returns the name of a parameter as a violation shows it: what is longer than 255 characters is cut. */
export function shownName(name: string): string {
  return [...name].slice(0, MAX_NAME_LENGTH).join('');
}

/**
 * RFC 6901 pointer of a JSON path, as a URI fragment: `['a/b', 0]` gives `#/a~1b/0`. It ends before a
 * member whose name is longer than 255 characters, and so points at the parent of that.
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
