/**
 * What a route declares about access. These are types only: every module may import this one, and it
 * imports nothing.
 */

/** The scopes of access tokens (RFC 6749 §3.3); `auth/scopes.ts` says what each one allows. */
export type Scope = 'prepared-tickets:read' | 'prepared-tickets:write' | 'credentials:manage';

/** Who may call an operation: the holder of a token with this scope and of an API key, or anyone. */
export type Access = Scope | 'public';

/** How a deprecated operation announces itself, as the values of its headers. */
export interface Deprecation {
  /** Since when, as a date of RFC 9651: `@` and seconds since 1970 (RFC 9745 §2). */
  readonly since: string;
  /** Until when it works, as an HTTP date (RFC 8594 §3). */
  readonly sunset: string;
}

/** What is enforced for a route before its validators run. */
export interface Policy {
  readonly operationId: string;
  /** The scope that a caller needs; null for a public operation. */
  readonly scope: Scope | null;
  /** Whether a key of the secret scanner must have signed the body. */
  readonly requiresSignature: boolean;
  /** Whether the operation takes a JSON body. */
  readonly takesJson: boolean;
  /** The longest body that the operation takes, in bytes; undefined for the limit of all others. */
  readonly maxBodyBytes: number | undefined;
  /** Whether the operation takes a query string. */
  readonly takesQuery: boolean;
  readonly deprecation: Deprecation | undefined;
}

/** The policy of each route, by the method and path that the router knows it by. */
export type Policies = ReadonlyMap<string, Policy>;
