import type { Context, Next } from 'hono';
import type { AppEnv } from '../../context.ts';
import { EXPOSED_HEADERS } from './cross-origin.ts';
import { SERVICE_LINKS } from './service-links.ts';

/**
 * The headers of every response. They are passed to the response as one record when it is created. To set
 * them one by one afterwards, as separate middleware would, costs more time than the rest of a small
 * read, because each assignment is a call into the runtime.
 */
const STANDARD_HEADERS = {
  'Cache-Control': 'private, no-cache',
  'X-Content-Type-Options': 'nosniff',
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': EXPOSED_HEADERS,
};

/** The headers of every response over HTTPS. Over HTTP, a browser ignores the policy (RFC 6797 §8.1). */
const STANDARD_HEADERS_OVER_HTTPS = {
  ...STANDARD_HEADERS,
  'Strict-Transport-Security': 'max-age=15552000; includeSubDomains',
};

/** The additional headers of a page. Browsers do not need them for data in JSON. */
const PAGE_HEADERS = {
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'cross-origin',
};

/** The responses that were created with the standard headers. */
const completed = new WeakSet<Response>();

/** Marks a response that was created with `responseHeaders`, so that `completeHeaders` skips it. */
export function markComplete(response: Response): Response {
  completed.add(response);
  return response;
}

/**
 * Returns the headers for the response to a request: the standard headers and those that were announced.
 *
 * @param headers further headers, which take precedence. A header whose value is undefined is omitted.
 */
export function responseHeaders(
  c: Context<AppEnv>,
  headers: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const all: Record<string, string> = {
    ...(c.req.url.startsWith('https:') ? STANDARD_HEADERS_OVER_HTTPS : STANDARD_HEADERS),
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

/** Adds headers to the response that the request will get, whether it succeeds or fails. */
export function announce(c: Context<AppEnv>, headers: Readonly<Record<string, string>>): void {
  c.set('responseHeaders', { ...c.get('responseHeaders'), ...headers });
}

/** Adds the standard headers to a response that was created without them: a problem, a page or a 304. */
export async function completeHeaders(c: Context<AppEnv>, next: Next): Promise<void> {
  await next();
  if (completed.has(c.res)) {
    return;
  }
  const { headers } = c.res;
  for (const [name, value] of Object.entries({ ...responseHeaders(c, {}), ...PAGE_HEADERS })) {
    if (!headers.has(name)) {
      headers.set(name, value);
    }
  }
}
