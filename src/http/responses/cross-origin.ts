import type { Context, MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { BOOKMARK_HEADER } from './bookmark.ts';

/** What a browser client may read of a response. */
export const EXPOSED_HEADERS = [
  'Accept-Encoding',
  'Allow',
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
 * Answers OPTIONS on a path that there is, without credentials: browsers of any origin may call the
 * API, which trusts no cookie. `Allow` names the methods of the path (RFC 9110 §9.3.7); a preflight
 * allows all methods of the API, so that a page sees the 405 of a wrong one. What other responses need
 * for CORS is among the standard headers.
 *
 * @param allow the value of `Allow`.
 */
export async function answerOptions(c: Context, allow: string): Promise<Response> {
  c.header('Allow', allow);
  return (await preflight(c, async () => {})) as Response;
}

/** Lets no OPTIONS request get further than `hono/method-not-allowed`, which knows the methods of a path. */
export const passOverOptions: MiddlewareHandler = (c, next) =>
  c.req.method === 'OPTIONS' ? Promise.resolve(c.notFound()) : next();
