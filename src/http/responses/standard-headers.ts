import type { Context, Next } from 'hono';
import type { AppEnv } from '../../context.ts';
import { EXPOSED_HEADERS } from './cross-origin.ts';
import { SERVICE_LINKS } from './service-links.ts';

/**
 * Headers of every response. They are one record given to the response when it is made: set one by
 * one afterwards, as a middleware for each does, they cost more than the rest of a small read, for
 * each is a call into the runtime.
 */
const STANDARD = {
  'Cache-Control': 'private, no-cache',
  'X-Content-Type-Options': 'nosniff',
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': EXPOSED_HEADERS,
};

/** The same over https; a browser ignores the policy of a response that came over http (RFC 6797 §7.2). */
const STANDARD_OVER_HTTPS = {
  ...STANDARD,
  'Strict-Transport-Security': 'max-age=15552000; includeSubDomains',
};

/** What a page adds to them; data in JSON has no use for it. */
const OF_PAGES = {
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'cross-origin',
};

/** Responses that were made with the standard headers. */
const completed = new WeakSet<Response>();

/** Marks a response that was made with `responseHeaders`. */
export function complete(response: Response): Response {
  completed.add(response);
  return response;
}

/** The standard headers of this request's response; those that `headers` has replace them. */
export function responseHeaders(
  c: Context<AppEnv>,
  headers: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const all: Record<string, string> = {
    ...(c.req.url.startsWith('https:') ? STANDARD_OVER_HTTPS : STANDARD),
    'X-Request-Id': c.get('requestId'),
    ...c.get('responseHeaders'),
  };
  if (c.req.path.startsWith('/v2/')) {
    all.Link = SERVICE_LINKS;
  }
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) {
      all[name] = name === 'Link' ? `${value}, ${SERVICE_LINKS}` : value;
    }
  }
  return all;
}

/** Has the response to come carry these headers, be it what was asked for or a problem. */
export function announce(c: Context<AppEnv>, headers: Readonly<Record<string, string>>): void {
  c.set('responseHeaders', { ...c.get('responseHeaders'), ...headers });
}

/** Gives the standard headers to a response that was not made with them: a problem, a page, a 304. */
export async function completeHeaders(c: Context<AppEnv>, next: Next): Promise<void> {
  await next();
  if (completed.has(c.res)) {
    return;
  }
  const { headers } = c.res;
  for (const [name, value] of Object.entries({ ...responseHeaders(c, {}), ...OF_PAGES })) {
    if (!headers.has(name)) {
      headers.set(name, value);
    }
  }
}
