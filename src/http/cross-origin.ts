import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { BOOKMARK_HEADER } from './d1-headers.ts';

/** What a browser client may read of a response. */
export const EXPOSED_HEADERS = [
  'Allow',
  'Content-Location',
  'Deprecation',
  'ETag',
  'Idempotent-Replayed',
  'Link',
  'Location',
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
    'x-api-key',
    BOOKMARK_HEADER,
    'X-Request-Id',
  ],
  maxAge: 7200,
});

/**
 * Answers OPTIONS on every path, without credentials: browsers of any origin may call the API, which
 * trusts no cookie. What other responses need for it is among the standard headers.
 */
export const answerPreflight: MiddlewareHandler = (c, next) =>
  c.req.method === 'OPTIONS' ? preflight(c, next) : next();
