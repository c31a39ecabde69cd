/** Operations without credentials: they tell clients how to authenticate, or report the health. */
const publicPaths = [
  '/.well-known/jwks.json',
  '/.well-known/oauth-authorization-server',
  '/health',
  '/health/ready',
];

const operation = (path, method) => `#/paths/${path.replaceAll('/', '~1')}/${method}`;
const publicReads = publicPaths.map((path) => operation(path, 'get'));
const token = operation('/oauth2/token', 'post');

/**
 * Every disabled rule of Spectral with the reason. A rule is disabled at the places in `at`, or everywhere if `at` is
 * missing.
 */
export const exceptions = [
  {
    rule: 'owasp:api2:2023-short-lived-access-tokens',
    at: ['#/components/securitySchemes/OAuth2'],
    reason:
      'The rule requires a refreshUrl. The client credentials grant has no refresh token (RFC 6749 §4.4.3): a client requests a new access token, which is valid for one hour.',
  },
  {
    rule: 'owasp:api2:2023-write-restricted',
    at: [token],
    reason:
      'The token endpoint issues the tokens that the rule requires. The client authenticates in the header or in the body (RFC 6749 §2.3.1).',
  },
  {
    rule: 'owasp:api2:2023-read-restricted',
    at: publicReads,
    reason:
      'These operations are public: monitors read the health, and clients read keys and metadata before they have a token (RFC 8414 §3).',
  },
  {
    rule: 'owasp:api8:2023-define-error-responses-401',
    at: publicReads,
    reason: 'Public operations do not reject credentials.',
  },
  {
    rule: 'owasp:api4:2023-rate-limit-responses-429',
    at: publicReads,
    reason:
      'The rate limits count requests of partners and rejected credentials. Public operations have neither.',
  },
  {
    rule: 'owasp:api8:2023-define-error-validation',
    at: [...publicReads, operation('/v2/system/partner', 'get')],
    reason: 'These operations have no parameters and no body, so a request cannot be invalid.',
  },
  {
    rule: 'owasp:api4:2023-rate-limit',
    reason:
      'The rule requires the number of remaining requests (RateLimit). The limiter does not know it, because it counts at each location and with a delay. The rule "rate-limit-policy" of this rule set requires RateLimit-Policy instead.',
  },
  {
    rule: 'owasp:api4:2023-string-restricted',
    at: ['#/components/schemas/Violation/anyOf/1/properties/name'],
    reason: 'The name of an unknown parameter is repeated as it was sent, so it can be any text.',
  },
  {
    rule: 'owasp:api4:2023-string-restricted',
    at: ['#/components/parameters/x-d1-bookmark/schema'],
    reason:
      'Values that are not bookmarks are ignored. A pattern would state that they are rejected.',
  },
  {
    rule: 'owasp:api4:2023-string-restricted',
    at: ['#/components/schemas/EventActor/properties/client_id'],
    reason: 'The identity provider of a partner can identify a client by any text.',
  },
  {
    rule: 'owasp:api4:2023-array-limit',
    at: ['PreparedTicketWithLines', 'TicketWithLines'].map(
      (name) => `#/components/schemas/${name}/properties/product_lines`,
    ),
    reason:
      'A ticket from before the limit keeps the product lines that it has more, and the export has them all.',
  },
  {
    rule: 'owasp:api4:2023-integer-format',
    reason:
      'The rule requires int64 where int32 is too small. Generators then use a bigint, although the maximum of every integer here fits a double.',
  },
  {
    rule: 'owasp:api8:2023-define-cors-origin',
    at: [
      '#/components/responses/WebhookPostponed/headers',
      '#/components/responses/WebhookFailed/headers',
      '#/webhooks/consent/options/responses/2XX/headers',
    ],
    reason: 'These are answers of a partner to the API. No browser reads them.',
  },
  {
    rule: 'docs-description',
    at: [`${operation('/v2/tickets/prepared-tickets', 'post')}/responses/201`],
    reason: 'The rule requires 20 characters, but the description in the contract is "Created."',
  },
  ...['docs-tags-alphabetical', 'openapi-tags-alphabetical'].map((rule) => ({
    rule,
    reason:
      'The tags are in the order in which a partner needs them: tickets first, health last. The docs page and the other formats use this order.',
  })),
  {
    rule: 'license-url',
    reason:
      'The licence has an identifier. OpenAPI 3.1 allows an identifier or a URL, but the rule knows only OpenAPI 3.0.',
  },
  {
    rule: 'contact-properties',
    reason:
      'The rule also requires an e-mail address. The contact differs between deployments, and an invented address would be wrong.',
  },
];

/** The findings of Redocly that are accepted, each with its place and the reason. */
export const redoclyExceptions = [
  {
    rule: 'no-ambiguous-paths',
    at: ['product-lines', 'readiness', 'pick-up'].map(
      (part) => `#/paths/~1v2~1tickets~1prepared-tickets~1{prepared-ticket-id}~1${part}`,
    ),
    reason:
      'The rule does not know the format of a parameter. An identifier is a UUID, so "by-reference" is none, and each URL has one meaning.',
  },
];
