import { REPORT } from './support.ts';

/**
 * Every problem that this API returns (RFC 9457). Errors, the OpenAPI document and the pages under
 * `/problems` all use this one table. Its sentences are plain text, because the pages are not Markdown.
 */

/** One kind of problem. `detail` is the default, for an error that has no more specific sentence. */
export interface ProblemDefinition {
  readonly status:
    | 400
    | 401
    | 403
    | 404
    | 405
    | 406
    | 409
    | 412
    | 413
    | 415
    | 422
    | 429
    | 500
    | 503;
  /** A reference that resolves to a page, or `about:blank` if the status says it all (RFC 9457 §4.2.1). */
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  /** Sentences that replace `detail` when the exact cause is known, by cause. */
  readonly causes?: Readonly<Record<string, string>>;
  /** What happened, for a person. */
  readonly meaning: string;
  /** What the person can do about it. */
  readonly remedy: string;
  /** Whether no partner can receive the problem. The guides leave it out; it still has its page. */
  readonly isInternal?: boolean;
}

export const catalogue = {
  violations: {
    status: 400,
    type: '/problems/violations',
    title: 'Bad request',
    detail:
      'The request violates one or more constraints. Please resolve all of them and try again.',
    meaning:
      'One or more values in the request are invalid. The violations member lists all of them for the part of the request that failed (path, query, header, or body), up to 100, and omitted_violations counts the rest. Nothing was saved.',
    remedy:
      'Correct each value as the detail of its violation describes, then send the request again. An unchanged request fails in the same way.',
  },
  malformedBody: {
    status: 400,
    type: '/problems/malformed-body',
    title: 'Malformed body',
    detail: 'The body is not JSON in UTF-8. Send one JSON object.',
    causes: {
      emptyBody: 'The body is empty. Send one JSON object.',
      notJson: 'The body is not JSON. Send one JSON object.',
      notUtf8: 'The body is not UTF-8. Encode it in UTF-8.',
    },
    meaning: 'The body is empty, is not JSON (RFC 8259), or is not encoded in UTF-8.',
    remedy: 'Send one JSON object, encoded in UTF-8, with content-type application/json.',
  },
  credentialsMissing: {
    status: 401,
    type: '/problems/credentials-missing',
    title: 'Credentials missing',
    detail: 'A credential is missing. Send both an access token and an API key.',
    causes: {
      tokenMissing:
        'The access token is missing. Send it in the Authorization header, after the word Bearer.',
      keyMissing: 'The API key is missing. Send your key in the header x-api-key.',
    },
    meaning:
      'The request lacks the access token or the API key, or its Authorization header uses a scheme other than Bearer.',
    remedy: 'Send "Authorization: Bearer <access token>" and "x-api-key: <key>".',
  },
  tokenExpired: {
    status: 401,
    type: '/problems/token-expired',
    title: 'Access token expired',
    detail: 'The access token has expired. Get a new one from /oauth2/token.',
    meaning: 'The access token has expired, and nothing else is wrong with it.',
    remedy:
      'Get a new token from the token endpoint that issued this one, and send the request again with it.',
  },
  tokenInvalid: {
    status: 401,
    type: '/problems/token-invalid',
    title: 'Access token invalid',
    detail: 'The access token is not valid. Get a new one from /oauth2/token.',
    meaning:
      'The access token is malformed, was not issued for this API, or belongs to a client that was deleted or disabled after the token was issued.',
    remedy:
      'Get a new token from /oauth2/token and send it unchanged. If /oauth2/token returns an error, that error explains why.',
  },
  apiKeyInvalid: {
    status: 401,
    type: '/problems/api-key-invalid',
    title: 'API key invalid',
    detail: 'The API key is not valid. Send a valid key in the header x-api-key.',
    meaning: 'The API key is malformed, unknown, disabled or expired.',
    remedy: 'Send a valid key in the header x-api-key. A new access token does not help.',
  },
  scopeMissing: {
    status: 403,
    type: '/problems/scope-missing',
    title: 'Scope missing',
    detail:
      'The access token lacks the scope that this operation requires. Request a token with that scope.',
    meaning: 'The access token lacks the scope that the operation requires.',
    remedy:
      'Request a token with the scope that WWW-Authenticate names. If /oauth2/token returns invalid_scope, your client does not have that scope.',
  },
  partnerMismatch: {
    status: 403,
    type: '/problems/partner-mismatch',
    title: 'Partner mismatch',
    detail:
      'The access token and the API key belong to different partners. Send two credentials of the same partner.',
    meaning:
      'The access token and the API key are both valid, but they belong to different partners.',
    remedy: 'Use a client and an API key of the same partner.',
  },
  wrongSignature: {
    status: 403,
    type: '/problems/wrong-signature',
    title: 'Wrong signature',
    detail:
      'The signature is missing, or it does not match the raw body and the named key. Sign the body that you send.',
    meaning:
      "A leaked-secret report is accepted only if its signature matches the raw request body and was made with one of the scanner's published keys. Nothing was saved.",
    remedy:
      'Sign the raw request body, and name the key in Github-Public-Key-Identifier. To revoke a secret of your own, disable its client or API key, or rotate it.',
    isInternal: true,
  },
  notFound: {
    status: 404,
    type: 'about:blank',
    title: 'Not Found',
    detail: 'No resource exists at this path. Check the path.',
    meaning:
      'The path or a resource that it names does not exist, was deleted, or belongs to another partner.',
    remedy: 'Check the path and the identifiers in it.',
  },
  methodNotAllowed: {
    status: 405,
    type: 'about:blank',
    title: 'Method Not Allowed',
    detail: 'This path does not support the method. Use one of the methods in the Allow header.',
    meaning: 'The path exists, but it does not support this method.',
    remedy: 'Use one of the methods in the Allow header.',
  },
  notAcceptable: {
    status: 406,
    type: 'about:blank',
    title: 'Not Acceptable',
    detail: 'No offered media type is acceptable. Accept application/x-ndjson or text/csv.',
    meaning: 'The Accept header allows none of the media types that the operation offers.',
    remedy: 'Name one of the offered media types in the Accept header, or leave the header out.',
  },
  ambiguousReference: {
    status: 409,
    type: '/problems/ambiguous-reference',
    title: 'Ambiguous reference',
    detail:
      'Several prepared tickets have this reference. Use one of the ids in prepared_ticket_ids instead.',
    meaning:
      'Several of your prepared tickets have the reference in the path. prepared_ticket_ids lists up to 10 of them, newest first. Nothing was saved.',
    remedy:
      'Use the id of the ticket that you mean, or delete the others. Tickets that you create only by reference never share a reference.',
  },
  tooManyCredentials: {
    status: 409,
    type: '/problems/too-many-credentials',
    title: 'Too many credentials',
    detail: 'You already have five, which is the maximum. Delete one that you no longer use.',
    meaning:
      'A partner can have at most five clients and five API keys, including disabled and expired ones. Nothing was saved.',
    remedy:
      'Delete one that you no longer use; last_used_at shows when each was last used. Alternatively, rotate one.',
  },
  credentialInUse: {
    status: 409,
    type: '/problems/credential-in-use',
    title: 'Credential in use',
    detail: 'This client or API key authenticates the request. Authenticate with another one.',
    meaning:
      'You cannot delete, disable, or expire the client or API key that authenticates the request, or remove credentials:manage from that client. This keeps you from locking yourself out. Nothing was saved.',
    remedy: 'Authenticate the request with another client or API key.',
  },
  preconditionFailed: {
    status: 412,
    type: 'about:blank',
    title: 'Precondition Failed',
    detail:
      'The current version of the resource does not satisfy If-Match or If-None-Match. Read the resource again before you change it.',
    meaning:
      'The resource has changed since you read it: its current ETag does not match If-Match (RFC 9110 §13.1.1). Or you sent If-None-Match, and the current ETag matches it (RFC 9110 §13.1.2). Nothing was saved.',
    remedy:
      'Read the resource again, apply your change to its current version, and send the current ETag in If-Match. If you sent If-None-Match: * and the existing resource is what you want, there is nothing left to do.',
  },
  contentTooLarge: {
    status: 413,
    type: 'about:blank',
    title: 'Content Too Large',
    detail: 'The body is larger than 64 KiB, or 1 MiB for a batch. Send a smaller body.',
    meaning:
      'The request body is larger than the 65,536-byte limit, or 1,048,576 bytes for a batch. Nothing was saved.',
    remedy:
      'Send a smaller body: divide a batch into two. No other valid request comes close to the limit.',
  },
  unsupportedMediaType: {
    status: 415,
    type: 'about:blank',
    title: 'Unsupported Media Type',
    detail: 'Send the body as JSON, with the header content-type: application/json.',
    causes: {
      notJsonType: 'The body is not labelled as JSON. Send it with content-type: application/json.',
      contentCoding: 'The body has a content coding. Send it without the header content-encoding.',
    },
    meaning:
      'The content-type is missing or is not application/json, or the body has a content coding such as gzip. For a content coding, the Accept-Encoding header of the response says that none is accepted.',
    remedy:
      'Send the body as JSON, with the header content-type: application/json and without content-encoding.',
  },
  idempotencyKeyReused: {
    status: 422,
    type: '/problems/idempotency-key-reused',
    title: 'Idempotency key reused',
    detail: 'This Idempotency-Key was used for a different request before. Send a new key.',
    meaning:
      'The same Idempotency-Key was used for a different request within the last 24 hours, or 30 days for a batch. Nothing was saved.',
    remedy:
      'Use a new key for each ticket, batch, client, or API key that you create. When you retry, send the same key with the same body.',
  },
  quotaExceeded: {
    status: 429,
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
    title: 'Request cannot be satisfied as assigned quota has been exceeded',
    detail: 'You exceeded the rate limit. Wait the number of seconds in Retry-After.',
    meaning:
      'You exceeded the rate limit named in RateLimit-Policy. This request was not processed.',
    remedy:
      'Wait the number of seconds in Retry-After, then send the request again. Spread your requests over time.',
  },
  tooManyFailedAttempts: {
    status: 429,
    type: '/problems/too-many-failed-attempts',
    title: 'Too many failed attempts',
    detail:
      'Too many requests from this IP address had invalid credentials. Check yours, and wait the number of seconds in Retry-After.',
    meaning:
      'Your IP address has sent more requests with invalid credentials than the policy in RateLimit-Policy allows. This request was not processed.',
    remedy:
      'Check the credentials that you send. Wait the number of seconds in Retry-After, then send the request again. Valid credentials that were accepted recently are not affected.',
  },
  internalServerError: {
    status: 500,
    type: 'about:blank',
    title: 'Internal Server Error',
    detail: `Something went wrong on our side. If the error persists, ${REPORT}.`,
    meaning: 'Something went wrong on our side. We logged it under the request_id.',
    remedy: `Try again later. Retry a POST only with the same Idempotency-Key, because the first attempt may have succeeded. If the error persists, ${REPORT}.`,
  },
  serviceUnavailable: {
    status: 503,
    type: 'about:blank',
    title: 'Service Unavailable',
    detail:
      'The service is temporarily unavailable. Try again after the number of seconds in Retry-After.',
    meaning: 'The database is overloaded or unreachable, or a deployment is incomplete.',
    remedy:
      'Wait the number of seconds in Retry-After, then send the request again. Retry a POST only with the same Idempotency-Key, because the first attempt may have succeeded.',
  },
} as const satisfies Record<string, ProblemDefinition>;

export type ProblemName = keyof typeof catalogue;

/** Returns the `detail` of `scopeMissing` that names the missing scope. */
export function scopeMissingDetail(scope: string): string {
  return `The access token lacks the scope ${scope}. Request a token with that scope.`;
}

/** Every violation code with its meaning. */
export const violationCodes = {
  required: 'The value is missing.',
  invalid_type: 'The value has the wrong JSON type.',
  invalid_format: 'The string does not have the required format, such as a UUID or a date-time.',
  too_short: 'The string has too few characters, counted in Unicode code points.',
  too_long: 'The string has too many characters, counted in Unicode code points.',
  out_of_range: 'The number, date, or list length is outside the allowed range.',
  invalid_character: 'The string contains a character that is not allowed.',
  immutable:
    'The value cannot change after creation. Send the current value, or leave the member out.',
  repeated_item: 'The list contains the same item more than once.',
  unknown_member: 'The body has a member that the operation does not accept.',
  unknown_parameter: 'The query has a parameter that the operation does not accept.',
  repeated_parameter: 'The query contains the same parameter more than once.',
  empty_parameter: 'The query contains a parameter without a value.',
} as const;

export type ViolationCode = keyof typeof violationCodes;

/** Returns the problem for an error status that a library produced. An unexpected status is a bug: 500. */
export function problemForStatus(status: number): ProblemName {
  if (status === catalogue.malformedBody.status) {
    // Libraries produce this status only for a body that they cannot parse.
    return 'malformedBody';
  }
  for (const [name, definition] of Object.entries(catalogue)) {
    if (definition.status === status && definition.type === 'about:blank') {
      return name as ProblemName;
    }
  }
  return 'internalServerError';
}
