import type { Context, Next } from 'hono';

/** The content security policy of the pages. They load their stylesheet and one script from this Worker. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * The headers of every response of the portal. Other sites must not read its pages, because these need no
 * credentials, unlike the operations of the API.
 */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': POLICY,
  'Cross-Origin-Resource-Policy': 'same-origin',
  // With `no-referrer`, browsers would send forms with `Origin: null`.
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** Adds the headers to a response. */
export async function protect(c: Context, next: Next): Promise<void> {
  await next();
  for (const [name, value] of Object.entries(HEADERS)) {
    c.header(name, value);
  }
}

/**
 * Returns whether a form was sent by a page of this origin. Browsers say so in `Sec-Fetch-Site`, and those
 * that do not know it in `Origin`. No script can set either header.
 *
 * @see {@link https://www.w3.org/TR/fetch-metadata/}
 */
export function isOwnForm(c: Context): boolean {
  const site = c.req.header('sec-fetch-site');
  return site === undefined
    ? c.req.header('origin') === new URL(c.req.url).origin
    : site === 'same-origin';
}
