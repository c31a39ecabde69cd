/**
 * Types for the access rules of routes. The module contains only types and imports nothing, so every
 * module can import it without an import cycle.
 */

/** The scopes of access tokens (RFC 6749 §3.3). `auth/scopes.ts` describes them. */
export type Scope =
  | 'prepared-tickets:read'
  | 'prepared-tickets:write'
  | 'prepared-tickets:pick-up'
  | 'events:read'
  | 'webhooks:manage'
  | 'credentials:manage';

/**
 * The access that an operation requires: a token with this scope and an API key; `both-credentials` for
 * a token with any scope, or none, and an API key; or `public` for neither.
 */
export type Access = Scope | 'both-credentials' | 'public';

/** The header values that announce the deprecation of an operation. */
export interface Deprecation {
  /** The `Deprecation` header, a date of RFC 9651: `@` and seconds since 1970 (RFC 9745 §2). */
  readonly since: string;
  /** The `Sunset` header: the HTTP date until which the operation works (RFC 8594 §3). */
  readonly sunset: string;
}

/** The kinds of requests that take much of the time of the database, each with a rate limit of its own. */
export type HeavyKind = 'batches' | 'exports' | 'searches';

/** The kinds of requests with a rate limit of their own, beside that of all requests of a partner. */
export type LimitedKind = HeavyKind | 'replays';

/** The rate limit that the requests of an operation have beside that of their partner. */
export interface OwnLimit {
  readonly name: LimitedKind;
  /**
   * Returns whether a request with these query parameters counts against the rate limit of this name; by
   * default each request does.
   */
  readonly when?: (parameters: ReadonlySet<string>) => boolean;
}

/** The rules that are enforced for a route before its validators run. */
export interface Policy {
  readonly operationId: string;
  /** Whether the operation requires an access token and an API key of the same partner. */
  readonly requiresCredentials: boolean;
  /** The required scope; null for an operation that is public or that both credentials suffice for. */
  readonly scope: Scope | null;
  /** Whether the body must be signed by the secret scanner. */
  readonly requiresSignature: boolean;
  /** Whether the operation accepts a JSON body. */
  readonly takesJson: boolean;
  /** The maximum size of the body in bytes, if the operation has a limit of its own. */
  readonly maxBodyBytes: number | undefined;
  /** Whether the operation accepts a query string. */
  readonly takesQuery: boolean;
  /** Whether the operation knows the preference `handling` (RFC 7240 §4.4). */
  readonly takesHandling: boolean;
  /** The methods that the path supports, as in `Allow`, without OPTIONS. */
  readonly methods: readonly string[];
  /** The responses that the document lists, by status. */
  readonly responses: object;
  readonly ownLimit: OwnLimit | undefined;
  readonly deprecation: Deprecation | undefined;
}

/** The policies of all routes, by the method and path under which the router knows them. */
export type Policies = ReadonlyMap<string, Policy>;
