import { BOOKMARK_HEADER } from './bookmark.ts';

/** Every response header that the document describes, as `#/components/headers` of it. */

/** The longest body of a request, in bytes. */
export const MAX_BODY = 65_536;

/** The longest URL that Cloudflare passes on, in bytes. */
export const MAX_URL = 16_384;

const text = (description: string, pattern: string, maxLength: number) => ({
  description,
  schema: { type: 'string' as const, pattern, maxLength },
});

const constant = (description: string, value: string) => ({
  description,
  schema: { type: 'string' as const, enum: [value] },
});

export const headerComponents = {
  'X-Request-Id': text(
    "The request's own X-Request-Id when that is a safe one, else a new one.",
    '^[A-Za-z0-9_=-]+$',
    255,
  ),
  'X-Content-Type-Options': constant('The content is what Content-Type says.', 'nosniff'),
  'Cache-Control': text(
    'Who may keep the answer for how long: `private, no-cache` for data, `no-store` for tokens and health, `public` for keys and documents.',
    '^[a-z0-9=, -]+$',
    100,
  ),
  'Access-Control-Allow-Origin': constant(
    'Pages of any origin may read the answer: they need both credentials, and no cookie is one.',
    '*',
  ),
  'Access-Control-Expose-Headers': text(
    'The headers that such a page may read.',
    '^[A-Za-z0-9-]+(?:,[A-Za-z0-9-]+)*$',
    1000,
  ),
  'RateLimit-Policy': text(
    'The policy that the request counted against, where limits are on: its name, the quota `q`, and the window `w` in seconds.',
    '^"[a-z-]+";q=[0-9]+;w=[0-9]+$',
    100,
  ),
  'Retry-After': {
    description: 'Seconds to wait before the next try.',
    schema: { type: 'integer' as const, format: 'int32', minimum: 0, maximum: 3600 },
  },
  'WWW-Authenticate': text(
    'The challenge: `Bearer` as in RFC 6750 §3, with the scope that is missing where one is; `Basic` as in RFC 7617 at the token endpoint. A 403 for credentials of two partners has none.',
    '^(?:Basic|Bearer) realm="[^"]+"(?:, [a-z_]+="[^"]+")*$',
    2048,
  ),
  'Accept-Encoding': constant(
    'With a 415 for the Content-Encoding of the request: no content coding is accepted (RFC 9110 §12.5.3).',
    'identity',
  ),
  Allow: text('With status 405: the methods that the path supports.', '^[A-Z]+(?:, [A-Z]+)*$', 100),
  ETag: text(
    'The entity tag of this state: send it in If-Match to change no other, in If-None-Match to read only another.',
    '^"[\\x21\\x23-\\x7e]+"$',
    130,
  ),
  'Content-Location': {
    description:
      'The URL of what the body represents: the body and its ETag are what a GET of this URL gives (RFC 9110 §8.7).',
    schema: { type: 'string' as const, format: 'uri', maxLength: MAX_URL },
  },
  Location: {
    description: 'The URL of what was created.',
    schema: { type: 'string' as const, format: 'uri', maxLength: MAX_URL },
  },
  Link: text(
    'The document for programs (`service-desc`) and the one for people (`service-doc`, RFC 8631); after a list, its `first`, `prev`, `next` and `last` pages before them, where they exist (RFC 8288); after an export, its `next` page.',
    '^<[^>]+>; rel="[a-z-]+"',
    4 * MAX_URL + 100,
  ),
  'Idempotent-Replayed': constant(
    'Present if the same `Idempotency-Key` created the resource before. The body is that of the first response, even if the resource was changed or deleted since.',
    'true',
  ),
  Vary: constant('The response depends on this header of the request.', 'Accept'),
  Pragma: constant('What Cache-Control says, for caches of HTTP/1.0 (RFC 6749 §5.1).', 'no-cache'),
  [BOOKMARK_HEADER]: {
    description: 'Send it back in the same header, and the request sees this write.',
    schema: {
      type: 'string' as const,
      pattern: '^[0-9a-f]{8}(?:-[0-9a-f]{8}){2}-[0-9a-f]{32}$',
      minLength: 59,
      maxLength: 59,
    },
  },
};

export type HeaderName = keyof typeof headerComponents;

/** Headers of a response, as references to their components. */
export function headersNamed(names: readonly HeaderName[]) {
  return Object.fromEntries(
    names.map((name) => [name, { $ref: `#/components/headers/${name}` }] as const),
  );
}

/** What every answer carries. */
export const everyResponse = [
  'X-Request-Id',
  'X-Content-Type-Options',
  'Cache-Control',
  'Access-Control-Allow-Origin',
  'Access-Control-Expose-Headers',
] as const satisfies HeaderName[];
