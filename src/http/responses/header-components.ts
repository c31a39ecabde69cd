import { openSchema } from '../../open-string.ts';
import { BOOKMARK_HEADER } from './bookmark.ts';

/** The response headers of the document, which become its `#/components/headers`. */

/** The maximum size of a request body, in bytes. */
export const MAX_BODY_BYTES = 65_536;

/** The maximum size of the body of a batch or a sync, in bytes. */
export const MAX_BATCH_BODY_BYTES = 1_048_576;

/** The maximum length of a URL, in bytes. Cloudflare rejects a longer one. */
export const MAX_URL_BYTES = 16_384;

const text = (description: string, pattern: string, maxLength: number) => ({
  description,
  schema: { type: 'string' as const, pattern, maxLength },
});

const constant = (description: string, value: string) => ({
  description,
  schema: { type: 'string' as const, enum: [value] },
});

/** A header whose list of values can grow. The description names those of today. */
const open = (description: string, ...known: string[]) => ({
  description,
  schema: openSchema(known),
});

/** The response headers, by their names. */
export const responseHeaders = {
  'X-Request-Id': text(
    'The identifier of the request. If you send an X-Request-Id that matches the pattern of this header, the API uses it; otherwise it makes a new one.',
    '^[A-Za-z0-9_=-]+$',
    255,
  ),
  'X-Content-Type-Options': constant(
    'Tells browsers not to guess another type than Content-Type.',
    'nosniff',
  ),
  'Cache-Control': text(
    'Who can cache the response, and for how long: `private, no-cache` for data, `no-store` for tokens and health, `public` for keys and documents.',
    '^[a-z0-9=, -]+$',
    100,
  ),
  'Access-Control-Allow-Origin': constant(
    'Web pages of any origin can read the response. This is safe because the API takes both credentials from headers and none from cookies.',
    '*',
  ),
  'Access-Control-Expose-Headers': text(
    'The response headers that a web page of another origin can read.',
    '^[A-Za-z0-9-]+(?:,[A-Za-z0-9-]+)*$',
    1000,
  ),
  'RateLimit-Policy': text(
    'The rate limit policies that the request counted against: of each the name, the quota `q`, and the window `w` in seconds. Absent if limits are off.',
    '^"[a-z-]+";q=[0-9]+;w=[0-9]+(?:, "[a-z-]+";q=[0-9]+;w=[0-9]+)*$',
    100,
  ),
  'Retry-After': {
    description: 'The number of seconds to wait before you try again.',
    schema: { type: 'integer' as const, format: 'int32', minimum: 0, maximum: 3600 },
  },
  'WWW-Authenticate': text(
    'The challenge: `Bearer` (RFC 6750 §3) with the missing scope, if a scope is missing, or `Basic` (RFC 7617) at the token endpoint. Absent from a 403 for credentials of different partners.',
    '^[A-Za-z]+ realm="[^"]+"(?:, [a-z_]+="[^"]+")*$',
    2048,
  ),
  'Accept-Encoding': open(
    'For a 415 because of Content-Encoding: the content codings that the API accepts (RFC 9110 §12.5.3). It is `identity`: none.',
    'identity',
  ),
  Allow: text('For status 405: the methods that the path supports.', '^[A-Z]+(?:, [A-Z]+)*$', 100),
  ETag: text(
    'The current version of the resource. Send it in `If-Match` to update only this version, or in `If-None-Match` to download the resource only if it has changed. That of a prepared ticket changes with its product lines too. A ticket or line that is deleted and created anew never has an earlier one again.',
    '^"[\\x21\\x23-\\x7e]+"$',
    130,
  ),
  'Content-Location': {
    description:
      'The URL of the resource in the body: a GET of this URL returns the same body and ETag (RFC 9110 §8.7).',
    schema: { type: 'string' as const, format: 'uri', maxLength: MAX_URL_BYTES },
  },
  Location: {
    description: 'The URL of the created resource.',
    schema: { type: 'string' as const, format: 'uri', maxLength: MAX_URL_BYTES },
  },
  Link: text(
    'Links (RFC 8288) to the OpenAPI document (`service-desc`) and to the documentation (`service-doc`, RFC 8631). For a list, the links to its `first`, `prev`, `next` and `last` pages come first, as far as these exist. For an export, the link to its `next` page comes first.',
    '^<[^>]+>; rel="[a-z-]+"',
    4 * MAX_URL_BYTES + 100,
  ),
  'Idempotent-Replayed': constant(
    'Included if an earlier request with the same `Idempotency-Key` created the resource. The body is that of the first response, even if the resource was changed or deleted in the meantime.',
    'true',
  ),
  'Content-Disposition': text(
    'Tells browsers to save the response in a file, and its name (RFC 6266).',
    '^attachment; filename="[a-z-]+\\.[a-z]+"$',
    100,
  ),
  Vary: open('The request header that the response depends on: `Accept`.', 'Accept'),
  'Preference-Applied': open(
    'The preference of the request header `Prefer` that the response follows (RFC 7240 §3), such as `handling=lenient`.',
    'handling=lenient',
  ),
  Pragma: constant(
    'The equivalent of Cache-Control for HTTP/1.0 caches (RFC 6749 §5.1).',
    'no-cache',
  ),
  [BOOKMARK_HEADER]: {
    description:
      'The state that the request saw or wrote. Send the value in the same header of a later request, which then sees at least this state. If a response has none, keep the last one.',
    schema: {
      type: 'string' as const,
      pattern: '^[0-9]{1,10}\\.[0-9]{1,9}\\.[0-9a-f]{8}(?:-[0-9a-f]{8}){2}-[0-9a-f]{32}$',
      minLength: 63,
      maxLength: 80,
    },
  },
};

export type HeaderName = keyof typeof responseHeaders;

/**
 * Names of the components of headers that nearly every response has. They are short because the document repeats
 * them in about a hundred responses. The component of any other header has the name of the header, also that of
 * `Access-Control-Allow-Origin`, which linters look for among the components.
 */
const shortNames: Readonly<Partial<Record<HeaderName, string>>> = {
  'X-Request-Id': 'RequestId',
  'X-Content-Type-Options': 'NoSniff',
  'Cache-Control': 'Cache',
  'Access-Control-Expose-Headers': 'Exposed',
  'RateLimit-Policy': 'Limits',
  [BOOKMARK_HEADER]: 'Bookmark',
};

const componentNameOf = (name: HeaderName): string => shortNames[name] ?? name;

/** The header components of the document, by their names. */
export const headerComponents = Object.fromEntries(
  Object.entries(responseHeaders).map(([name, header]) => [
    componentNameOf(name as HeaderName),
    header,
  ]),
);

/** Returns response headers as references to their components. */
export function headersNamed(names: readonly HeaderName[]) {
  return Object.fromEntries(
    names.map((name) => [name, { $ref: `#/components/headers/${componentNameOf(name)}` }] as const),
  );
}

/** The headers of every response. */
export const everyResponse = [
  'X-Request-Id',
  'X-Content-Type-Options',
  'Cache-Control',
  'Access-Control-Allow-Origin',
  'Access-Control-Expose-Headers',
] as const satisfies HeaderName[];
