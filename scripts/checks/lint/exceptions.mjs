/** Operations that need no credentials, by nature: they tell how to get some, or that we live. */
const open = [
  '/.well-known/jwks.json',
  '/.well-known/oauth-authorization-server',
  '/health',
  '/health/ready',
];

const operation = (path, method) => `#/paths/${path.replaceAll('/', '~1')}/${method}`;
const openReads = open.map((path) => operation(path, 'get'));
const token = operation('/oauth2/token', 'post');

/**
 * Every rule that is off, by name, with the reason: at the places in `at`, or everywhere without.
 */
export const exceptions = [
  {
    rule: 'owasp:api2:2023-short-lived-access-tokens',
    at: ['#/components/securitySchemes/OAuth2'],
    reason:
      'It looks for a refreshUrl. Client credentials get no refresh token (RFC 6749 §4.4.3): a client asks for a new access token, each valid for an hour.',
  },
  {
    rule: 'owasp:api2:2023-write-restricted',
    at: [token],
    reason:
      'The token endpoint is where credentials come from. The client authenticates as RFC 6749 §2.3.1 says, in the header or in the body.',
  },
  {
    rule: 'owasp:api2:2023-read-restricted',
    at: openReads,
    reason:
      'Public by nature: monitors ask for the health, clients read keys and metadata before they have a token (RFC 8414 §3).',
  },
  {
    rule: 'owasp:api8:2023-define-error-responses-401',
    at: openReads,
    reason: 'Public operations, which refuse no credentials.',
  },
  {
    rule: 'owasp:api4:2023-rate-limit-responses-429',
    at: openReads,
    reason: 'Limits count requests of a partner and refused credentials; here are neither.',
  },
  {
    rule: 'owasp:api8:2023-define-error-validation',
    at: openReads,
    reason: 'They take no parameter and no body, so nothing of a request can be wrong.',
  },
  {
    rule: 'owasp:api4:2023-rate-limit',
    reason:
      'It wants a count of what remains (RateLimit), which the limiter does not know: it counts at each location, and late. We announce only what is true, RateLimit-Policy, which the rule "rate-limit-policy" here demands instead.',
  },
  {
    rule: 'owasp:api4:2023-string-restricted',
    at: ['#/components/schemas/Violation/anyOf/1/properties/name'],
    reason: 'An unknown parameter is named as it was sent, and that can be any text.',
  },
  {
    rule: 'owasp:api4:2023-string-restricted',
    at: ['#/components/parameters/x-d1-bookmark/schema'],
    reason:
      'Whatever is not a bookmark is ignored, so a pattern would claim a refusal that never comes.',
  },
  {
    rule: 'owasp:api4:2023-array-limit',
    at: ['#/components/schemas/ExportedPreparedTicket/properties/product_lines'],
    reason: 'A ticket may have any number of product lines, and the export has them all.',
  },
  {
    rule: 'owasp:api4:2023-integer-format',
    reason:
      'It wants int64 where int32 does not fit. Generators make a bigint of that, although every integer here has a maximum that a double holds.',
  },
  {
    rule: 'docs-description',
    at: [`${operation('/v2/tickets/prepared-tickets', 'post')}/responses/201`],
    reason: 'It wants 20 characters; the source page says "Created."',
  },
  {
    rule: 'license-url',
    reason:
      'The licence has an identifier, and OpenAPI 3.1 allows either that or a URL; the rule knows 3.0 only.',
  },
  {
    rule: 'contact-properties',
    reason:
      'It wants an e-mail address too. Whom to write to differs between deployments, and an invented address would be untrue.',
  },
];
