/**
 * The lists of values in what the API sends that no version of `/v2` adds to, by their places in the document, each with
 * its reason. A client can rely on them. Every other list is open (`openString`), so that it can grow.
 */
export const closedForever: Readonly<Record<string, string>> = {
  'Violation.in':
    'A request has no other parts: its path, its query, its headers and its body. The API reads no cookies.',
  'LenientPreparedTicketBatch.result[].status':
    'A program decides by it whether a ticket is created. A new reason not to create one is a 409 with another problem.',
  'PreparedTicketSyncResult.result[].status':
    'A program decides by it whether an order is saved. A new reason not to save one is a 409 with another problem.',
  'AccessToken.token_type':
    'A client that knows no other type could not use the token (RFC 6749 §7.1).',
  'ApiKeyWithSecret.secret':
    'Programs and secret scanners tell by the beginning whether a key works in production.',
  'header Access-Control-Allow-Origin':
    'Browsers know no other value that lets every origin read the response.',
  'header Idempotent-Replayed': 'The header is absent if the response is no repetition.',
  'header Pragma': 'RFC 6749 §5.1 requires this value.',
  'header X-Content-Type-Options': 'Browsers know no other value.',
};
