import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { BOOKMARK_HEADER } from './d1-headers.ts';

const ORIGIN = '*';

/** What a browser client may read of a response. */
const EXPOSED = [
  'Allow',
  'ETag',
  'Idempotent-Replayed',
  'Link',
  'Location',
  'RateLimit-Policy',
  'Retry-After',
  'WWW-Authenticate',
  BOOKMARK_HEADER,
  'X-Request-Id',
].join(',');

const preflight = cors({
  origin: ORIGIN,
  allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
  allowHeaders: [
    'Authorization',
    'Content-Type',
    'Idempotency-Key',
    'If-Match',
    'If-None-Match',
    'x-api-key',
    BOOKMARK_HEADER,
    'X-Request-Id',
  ],
  maxAge: 7200,
});

/**
 * Lets browsers of any origin call the API, which trusts no cookie. OPTIONS is answered on every
 * path, without credentials. Other requests get their two headers when the response is there: set
 * before, as `hono/cors` does, each costs a response of its own.
 */
export const crossOrigin: MiddlewareHandler = async (c, next) => {
  if (c.req.method === 'OPTIONS') {
    return preflight(c, next);
  }
  await next();
  c.res.headers.set('Access-Control-Allow-Origin', ORIGIN);
  c.res.headers.set('Access-Control-Expose-Headers', EXPOSED);
};
