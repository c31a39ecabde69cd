import { REPORT } from './support.ts';

/**
 * Every problem that this API answers with (RFC 9457). Errors, OpenAPI responses and the pages under
 * `/problems` all come from this one table.
 */

/** One kind of problem. `detail` is the sentence used when the thrower has nothing more exact to say. */
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
  /** A relative reference that resolves to a page, or `about:blank`: the status says it all (RFC 9457 §4.2.1). */
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  /** Sentences that are used instead of `detail`, by what exactly is wrong. */
  readonly causes?: Readonly<Record<string, string>>;
  /** For a person: what happened, and what to do about it. */
  readonly meaning: string;
  readonly remedy: string;
}

export const catalogue = {
  violations: {
    status: 400,
    type: '/problems/violations',
    title: 'Bad request',
    detail:
      'The request violates one or more constraints. Please resolve all of them and try again.',
    meaning:
      'At least one value of the request breaks a rule. The violations member lists those in the failing part (path, query or body), 100 at most, and omitted_violations counts the rest; nothing was written.',
    remedy:
      'Change each value as its violation says, then send the request again. Sending it unchanged gives the same answer.',
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
        'The access token is missing. Send the header authorization: Bearer, then the token.',
      keyMissing: 'The API key is missing. Send your key in the header x-api-key.',
    },
    meaning:
      'The request lacks the access token or the API key, or its Authorization header names another scheme than Bearer.',
    remedy: 'Send "Authorization: Bearer <access token>" and "x-api-key: <key>".',
  },
  tokenExpired: {
    status: 401,
    type: '/problems/token-expired',
    title: 'Access token expired',
    detail: 'The access token has expired. Get a new one from /oauth2/token.',
    meaning: 'The time of the access token is over, and nothing else is wrong with it.',
    remedy: 'Get a new token where you got this one, and send the request again with it.',
  },
  tokenInvalid: {
    status: 401,
    type: '/problems/token-invalid',
    title: 'Access token invalid',
    detail: 'The access token is not valid. Get a new one from /oauth2/token.',
    meaning:
      'The access token is malformed, was not issued for this API, or belongs to a client that was deleted or disabled after the token was issued.',
    remedy:
      'Get a new token from /oauth2/token and send it unchanged. If you get none, the error of /oauth2/token says why.',
  },
  apiKeyInvalid: {
    status: 401,
    type: '/problems/api-key-invalid',
    title: 'API key invalid',
    detail: 'The API key is not valid. Send your key in the header x-api-key.',
    meaning: 'The API key is malformed, unknown, disabled or expired.',
    remedy: 'Send a valid key in the header x-api-key. A new access token does not help.',
  },
  scopeMissing: {
    status: 403,
    type: '/problems/scope-missing',
    title: 'Scope missing',
    detail: 'The access token lacks the scope of this operation. Request a token with it.',
    meaning: 'The access token lacks the scope that the operation needs.',
    remedy:
      'Request a token with the scope that WWW-Authenticate names. If that is refused with invalid_scope, the client does not have it.',
  },
  partnerMismatch: {
    status: 403,
    type: '/problems/partner-mismatch',
    title: 'Partner mismatch',
    detail: 'The access token and the API key belong to two partners. Use those of one.',
    meaning: 'The access token and the API key are both valid, but belong to two partners.',
    remedy: 'Use the client and the API key of one partner.',
  },
  wrongSignature: {
    status: 403,
    type: '/problems/wrong-signature',
    title: 'Wrong signature',
    detail: 'The signature is missing, or is not one that the named key made of this body.',
    meaning:
      'A report of leaked secrets is believed only when a key of the scanner signed its very bytes. Nothing was written.',
    remedy:
      'Sign the body as it is sent, and name the key in Github-Public-Key-Identifier. To end a secret of your own, disable or rotate it.',
  },
  notFound: {
    status: 404,
    type: 'about:blank',
    title: 'Not Found',
    detail: 'There is nothing at this path.',
    meaning: 'The path or what it names does not exist, was deleted, or is not yours to see.',
    remedy: 'Check the path and the identifiers in it.',
  },
  methodNotAllowed: {
    status: 405,
    type: 'about:blank',
    title: 'Method Not Allowed',
    detail: 'This path does not support the method. See the Allow header.',
    meaning: 'The path exists, but not with this method.',
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
  tooManyCredentials: {
    status: 409,
    type: '/problems/too-many-credentials',
    title: 'Too many credentials',
    detail: 'There are five of them, which is the most. Delete one that is no longer used.',
    meaning:
      'A partner has at most five clients and at most five API keys, disabled and expired ones included. Nothing was written.',
    remedy: 'Delete one that is no longer used; last_used_at tells which. Or rotate one.',
  },
  credentialInUse: {
    status: 409,
    type: '/problems/credential-in-use',
    title: 'Credential in use',
    detail: 'The request itself is sent with it. Send it with another client and API key.',
    meaning:
      'A request cannot delete, disable or end the client or the API key that it is sent with, nor take credentials:manage from that client: nobody might be left who can. Nothing was written.',
    remedy: 'Send the request with another client or API key.',
  },
  preconditionFailed: {
    status: 412,
    type: 'about:blank',
    title: 'Precondition Failed',
    detail:
      'The present state is not one that If-Match and If-None-Match allow. Read it again and decide anew.',
    meaning:
      'The If-Match header does not name the entity tag of the present state, because somebody changed it after you read it, or If-None-Match names it (RFC 9110 §13.1). Nothing was written.',
    remedy:
      'Read it again, apply your change to what you find, and send its ETag in If-Match. After If-None-Match: * there is nothing to do if what exists is what you want.',
  },
  contentTooLarge: {
    status: 413,
    type: 'about:blank',
    title: 'Content Too Large',
    detail: 'The body is larger than 64 KiB. Send less.',
    meaning: 'The body of a request may hold 65,536 bytes.',
    remedy: 'Send a smaller body. No valid request needs as much.',
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
      'The content-type is missing or is not application/json, or the body has a content coding such as gzip; then Accept-Encoding says that none is accepted.',
    remedy:
      'Send the body as JSON, with the header content-type: application/json and without content-encoding.',
  },
  idempotencyKeyReused: {
    status: 422,
    type: '/problems/idempotency-key-reused',
    title: 'Idempotency key reused',
    detail: 'This Idempotency-Key came with another request within 24 hours. Send a new key.',
    meaning:
      'The same Idempotency-Key came with another request within 24 hours. Nothing was written.',
    remedy:
      'Use one key for one ticket, client or API key: a retry sends the same body with the same key, a new one a new key.',
  },
  quotaExceeded: {
    status: 429,
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
    title: 'Request cannot be satisfied as assigned quota has been exceeded',
    detail: 'There were more requests than the policy allows. Wait for the time in Retry-After.',
    meaning:
      'There were more requests than the policy in RateLimit-Policy allows. This one did nothing.',
    remedy: 'Send it again after the seconds in Retry-After, and spread requests over time.',
  },
  tooManyFailedAttempts: {
    status: 429,
    type: '/problems/too-many-failed-attempts',
    title: 'Too many failed attempts',
    detail:
      'Too many attempts from this address had wrong credentials. Check yours, and wait for the time in Retry-After.',
    meaning:
      'Attempts with wrong credentials came from your internet address more often than the policy in RateLimit-Policy allows. This one did nothing.',
    remedy:
      'Check the credentials that you send, and send the request again after the seconds in Retry-After. Right credentials that were used lately are not held up.',
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
    detail: 'The service cannot answer just now. Try again after the time in Retry-After.',
    meaning: 'The database is overloaded or out of reach, or a deployment is incomplete.',
    remedy:
      'Send the request again after the seconds in Retry-After; a POST only with its Idempotency-Key, for it may have taken effect.',
  },
} as const satisfies Record<string, ProblemDefinition>;

export type ProblemName = keyof typeof catalogue;

/** The sentence of `scopeMissing` that names the scope. */
export function scopeMissingDetail(scope: string): string {
  return `The access token lacks the scope ${scope}. Request a token with it.`;
}

/** Every violation code, each with its meaning. */
export const violationCodes = {
  required: 'The value is missing.',
  invalid_type: 'The value has another JSON type than the document says.',
  invalid_format: 'The text does not have the required form, such as a UUID or a date-time.',
  too_short: 'The text has too few characters, counted in Unicode code points.',
  too_long: 'The text has too many characters, counted in Unicode code points.',
  out_of_range:
    'The number, the date or the length of the list is below the least or above the greatest allowed value.',
  invalid_character: 'The text holds a character that is not allowed there.',
  immutable: 'The value cannot change after creation; send the present one or leave it out.',
  unknown_member: 'The body has a member that the operation does not know.',
  unknown_parameter: 'The query has a parameter that the operation does not know.',
  repeated_parameter: 'The query has the same parameter more than once.',
  empty_parameter: 'The query has a parameter without a value.',
} as const;

export type ViolationCode = keyof typeof violationCodes;

/** The problem for an HTTP status that some library answered with; a fault of ours when it is none of ours. */
export function problemForStatus(status: number): ProblemName {
  if (status === catalogue.malformedBody.status) {
    // The one thing that a library refuses so is a body that it cannot read.
    return 'malformedBody';
  }
  for (const [name, definition] of Object.entries(catalogue)) {
    if (definition.status === status && definition.type === 'about:blank') {
      return name as ProblemName;
    }
  }
  return 'internalServerError';
}
