import { SERVICE_LINKS } from '../../../src/http/responses/service-links.ts';

/** Matches a script in a page whose code is in the page itself. */
const INLINE_SCRIPT = /<script(?![^>]* src=)[^>]*>([\s\S]*?)<\/script>/g;

/** Returns the source of a policy that allows an inline script (CSP3 §2.3.1). */
async function hashSource(code: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(code));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
}

/**
 * Returns the content security policy of the docs site. It allows only files of this Worker and the inline scripts
 * of its pages, by their hashes. `unsafe-inline` is required for styles, because highlighted code sets them
 * on elements.
 *
 * @param page the HTML of a page. All pages have the same inline scripts.
 * @see {@link https://www.w3.org/TR/CSP3/}
 */
async function docsPolicy(page: string): Promise<string> {
  const hashes = await Promise.all(
    Array.from(page.matchAll(INLINE_SCRIPT), ([, code = '']) => hashSource(code)),
  );
  return [
    "default-src 'none'",
    `script-src ${["'self'", ...hashes].join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/**
 * Returns the file `_headers`, with which Cloudflare serves the docs site. Its files do not pass through the Worker,
 * so their headers are set here.
 *
 * @param page the HTML of a page.
 */
export async function headersFile(page: string): Promise<string> {
  const headers = {
    'Content-Security-Policy': await docsPolicy(page),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'Access-Control-Allow-Origin': '*',
    'Strict-Transport-Security': 'max-age=15552000; includeSubDomains',
    Link: SERVICE_LINKS,
  };
  const lines = Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`);
  const served = ['/docs', '/docs/*', '/sitemap.xml'].map((path) => [path, ...lines].join('\n'));
  return `${served.join('\n\n')}

/docs/assets/*
  Cache-Control: public, max-age=31536000, immutable
`;
}
