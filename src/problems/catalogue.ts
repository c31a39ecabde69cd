import { accessProblems } from './access-problems.ts';
import type { ProblemDefinition } from './definition.ts';
import { REPORT } from './support.ts';

/**
 * Every problem that this API returns (RFC 9457). Errors, the OpenAPI document and the pages under
 * `/problems` all use this one table. Its sentences are plain text, because the pages are not Markdown.
 */

export const catalogue = {
  violations: {
    status: 400,
    type: '/problems/violations',
    title: 'Bad request',
    detail:
      'The request violates one or more constraints. Please resolve all of them and try again.',
    meaning:
      'One or more values in the request are invalid. violations lists them. Nothing was saved.',
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
  ...accessProblems,
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
  notReady: {
    status: 409,
    type: '/problems/not-ready',
    title: 'Not ready',
    detail:
      'The prepared ticket cannot be picked up yet. Add what the member missing lists, then send the request again.',
    meaning:
      'A prepared ticket can be picked up only if it has a VIN, a vehicle model and at least one product line. missing lists what this one lacks. Nothing was saved.',
    remedy: 'Add what missing lists to the prepared ticket, then send the request again.',
  },
  ticketQuotaExceeded: {
    status: 409,
    type: '/problems/ticket-quota-exceeded',
    title: 'Ticket quota exceeded',
    detail:
      'You have as many prepared tickets as your quota allows, so no more are created. Delete tickets that you no longer need, then send the request again after five minutes.',
    meaning:
      'You have as many prepared tickets as your quota allows. No ticket was created. Everything else works as before, including the replay of an Idempotency-Key that was used.',
    remedy:
      'Delete prepared tickets that you no longer need, or ask us for a higher quota. Within five minutes after you have fewer tickets than your quota allows, new ones can be created again. Picked-up tickets do not count.',
  },
  productLineQuotaExceeded: {
    status: 409,
    type: '/problems/product-line-quota-exceeded',
    title: 'Product line quota exceeded',
    detail:
      'You have as many product lines as your quota allows, so no more are added. Delete lines or tickets that you no longer need, then send the request again after five minutes.',
    meaning:
      'Your prepared tickets have as many product lines as your quota allows, and the request would leave a ticket with more lines than it had before. Nothing was saved. Whatever adds no line works as before: changing quantities, deleting lines, replacing lines by as many or fewer, creating tickets without lines, and the replay of an Idempotency-Key that was used. If your quota of prepared tickets is reached as well, a request that would create a ticket gets the problem of that quota.',
    remedy:
      'Delete product lines or prepared tickets that you no longer need, or ask us for a higher quota. Within five minutes after you have fewer lines than your quota allows, new ones can be added again. The lines of picked-up tickets do not count.',
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
  tooManyWebhookEndpoints: {
    status: 409,
    type: '/problems/too-many-webhook-endpoints',
    title: 'Too many webhook endpoints',
    detail:
      'You already have five webhook endpoints, which is the maximum. Delete one that you no longer use.',
    meaning:
      'A partner can have at most five webhook endpoints, including disabled ones. Nothing was saved.',
    remedy:
      'Delete one that you no longer use. Alternatively, change the URL of one: its secret and its place in the event feed stay.',
  },
  receiverRefused: {
    status: 409,
    type: '/problems/receiver-refused',
    title: 'Receiver refused',
    detail:
      'The receiver at this URL did not agree to receive webhooks. Let it answer OPTIONS with WebHook-Allowed-Origin.',
    meaning: 'The receiver of the webhooks did not agree to receive them. Nothing was saved.',
    remedy:
      'Look at reason. unreachable: there was no answer; check the host name, its certificate, and that the receiver answers within 15 seconds. not-agreed: the answer to OPTIONS contained no consent, or the receiver answered a webhook with 410. The receiver agrees with a status from 200 to 299 and with the value of WebHook-Request-Origin, or *, in WebHook-Allowed-Origin. Middleware for CORS can answer OPTIONS before your code does; the guide about webhooks shows how to avoid that.',
  },
  tooManyProductLines: {
    status: 409,
    type: '/problems/too-many-product-lines',
    title: 'Too many product lines',
    detail:
      'The prepared ticket already has 50 product lines, which is the maximum. Delete one that it no longer needs.',
    meaning:
      'A prepared ticket can have at most 50 product lines, one for each product. A ticket from before this limit keeps the lines that it has. Nothing was saved.',
    remedy:
      'Delete a line that the ticket no longer needs, or add the product to another prepared ticket of the customer. A line that is already there can still be replaced.',
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
  pickedUp: {
    status: 410,
    type: '/problems/picked-up',
    title: 'Picked up',
    detail:
      'The customer has picked up this prepared ticket. Use the ticket that it became, at the path in ticket.',
    meaning:
      'The prepared ticket no longer exists, because its customer has picked it up. ticket is the path of the ticket that it became. Nothing was saved.',
    remedy:
      'Read the ticket at the path in ticket. A ticket that was picked up cannot be changed or deleted.',
  },
  cursorExpired: {
    status: 410,
    type: '/problems/cursor-expired',
    title: 'Cursor expired',
    detail:
      'The events after this cursor are no longer available. Get a new cursor with after=latest, then read your tickets once, and continue with the new cursor.',
    meaning:
      'The events after the cursor are no longer kept, or the database was restored to an earlier state. Events are kept for at least 30 days.',
    remedy:
      'Get a new cursor with after=latest. Then read all your tickets once, for example with the export, to learn their current state. Continue with the new cursor.',
  },
  preconditionFailed: {
    status: 412,
    type: 'about:blank',
    title: 'Precondition Failed',
    detail:
      'The current version of the resource is not one that If-Match names, or it is one that If-None-Match names. Read the resource again before you change it.',
    meaning:
      'The resource has changed since you read it: its current ETag does not match If-Match (RFC 9110 §13.1.1). Or you sent If-None-Match, and the current ETag matches it (RFC 9110 §13.1.2). Nothing was saved.',
    remedy:
      'Read the resource again, apply your change to its current version, and send the current ETag in If-Match. If you sent If-None-Match: * and the existing resource is what you want, there is nothing left to do.',
  },
  contentTooLarge: {
    status: 413,
    type: 'about:blank',
    title: 'Content Too Large',
    detail: 'The body is larger than 64 KiB, or 1 MiB for a batch or a sync. Send a smaller body.',
    meaning:
      'The request body is larger than the 65,536-byte limit, or 1,048,576 bytes for a batch or a sync. Nothing was saved.',
    remedy:
      'Send a smaller body: divide a batch or a sync into two. No other valid request comes close to the limit.',
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
      'Use a new key for each ticket, batch, client, API key, or webhook endpoint that you create. When you retry, send the same key with the same body.',
  },
  quotaExceeded: {
    status: 429,
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
    title: 'Request cannot be satisfied as assigned quota has been exceeded',
    detail: 'You exceeded the rate limit. Wait the number of seconds in Retry-After.',
    meaning:
      'You exceeded a rate limit, which violated-policies names. RateLimit-Policy lists every policy that the request counted against. This request was not processed.',
    remedy:
      'Wait the number of seconds in Retry-After, then send the request again. Spread your requests over time. violated-policies names the limit: partner is that of all your requests, token-requests that of the token requests from your IP address. batches, exports, searches, replays and consents are limits of one kind of request each, so your other requests go on.',
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
