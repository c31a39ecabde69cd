/**
 * The content security policy of the docs page. It allows only files of this Worker. `unsafe-inline` is
 * required for styles, because the script of Scalar sets them.
 *
 * @see {@link https://www.w3.org/TR/CSP3/}
 */
export const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
