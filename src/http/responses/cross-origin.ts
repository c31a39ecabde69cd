import type { Context, MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { BOOKMARK_HEADER } from './bookmark.ts';

/** The response headers that a browser client may read. */
export const EXPOSED_HEADERS = [
  'Accept-Encoding',
  'Allow',
  'Content-Disposition',
  'Content-Location',
  'Deprecation',
  'ETag',
  'Idempotent-Replayed',
  'Link',
  'Location',
  'Preference-Applied',
  'RateLimit-Policy',
  'Retry-After',
  'Sunset',
  'Vary',
  'WWW-Authenticate',
  BOOKMARK_HEADER,
  'X-Request-Id',
].join(',');

const preflight = cors({
  origin: '*',
  allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
  allowHeaders: [
    'Authorization',
    'Content-Type',
    'Idempotency-Key',
    'If-Match',
    'If-None-Match',
    'Prefer',
    'x-api-key',
    BOOKMARK_HEADER,
    'X-Request-Id',
  ],
  maxAge: 7200,
});

/**
 * Responds to an OPTIONS request on an existing path, which needs no credentials. Pages of any origin may
 * call the API, because it does not authenticate by cookies. `Allow` lists the methods of the path
 * (RFC 9110 §9.3.7). A preflight response allows every method of the API, so that a page that uses a
 * wrong method can read the 405. The CORS headers of other responses are among the standard headers.
 *
 * @param allow the value of `Allow`.
 * @see {@link https://fetch.spec.whatwg.org/#http-cors-protocol}
 */
export async function respondToOptions(c: Context, allow: string): Promise<Response> {
  c.header('Allow', allow);
  return (await preflight(c, async () => {})) as Response;
}

/** Ends every OPTIONS request with a 404, which `hono/method-not-allowed` replaces on an existing path. */
export const skipOptions: MiddlewareHandler = (c, next) =>
  c.req.method === 'OPTIONS' ? Promise.resolve(c.notFound()) : next();
