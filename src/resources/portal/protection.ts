import type { Context, Next } from 'hono';
import type { AppEnv } from '../../context.ts';
import { Problem } from '../../problems/problem.ts';

/** The content security policy of the pages. They load their stylesheet and one script from this Worker. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Returns the headers of the pages. Other sites must not read the pages, because these need no credentials,
 * unlike the operations of the API.
 */
export const pageHeaders = (c: Context<AppEnv>) => ({
  'Access-Control-Allow-Origin': c.get('config').issuer,
  'Content-Security-Policy': POLICY,
  'Cache-Control': 'no-store',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // With `no-referrer`, browsers would send forms with `Origin: null`.
  'Referrer-Policy': 'same-origin',
});

/** Makes the portal an ordinary 404 for every method, unless the variable PORTAL enables it. */
export async function hidePortal(c: Context<AppEnv>, next: Next): Promise<void> {
  if (c.env.PORTAL !== 'demo') {
    throw new Problem('notFound');
  }
  await next();
}

/**
 * Returns whether a form was sent by a page of this origin. Browsers say so in `Sec-Fetch-Site`, and those
 * that do not know it in `Origin`. No script can set either header.
 *
 * @see {@link https://www.w3.org/TR/fetch-metadata/}
 */
export function isOwnForm(c: Context<AppEnv>): boolean {
  const site = c.req.header('sec-fetch-site');
  return site === undefined
    ? c.req.header('origin') === new URL(c.req.url).origin
    : site === 'same-origin';
}
