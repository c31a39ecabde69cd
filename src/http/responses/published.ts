import type { Context } from 'hono';
import { type Config, oncePerConfig } from '../../config.ts';
import type { AppEnv } from '../../context.ts';
import { Problem } from '../../problems/problem.ts';
import { parseEntityTags } from '../requests/conditional.ts';

/** Whatever is the same for everybody may be kept this long by anybody. */
const PUBLIC_CACHE = 'public, max-age=300';

/** A strong entity tag (RFC 9110 §8.8.3): the same for the same text, in every isolate. */
async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest, 0, 16), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

/** A weak tag counts as well: a proxy that compresses makes a strong one weak (RFC 9110 §13.1.2). */
function isNamed(c: Context, name: 'if-match' | 'if-none-match', hash: string): boolean {
  const header = c.req.header(name);
  if (header?.trim() === '*') {
    return true;
  }
  const tags = header === undefined ? undefined : parseEntityTags(header);
  return tags?.some(({ opaque }) => opaque === hash) === true;
}

/**
 * Returns the headers that both 200 and 304 carry (RFC 9110 §15.4.5).
 *
 * @param hash what the entity tag holds between its quotes.
 * @param headers additional response headers.
 * @throws Problem `preconditionFailed` for a caller that wants another state (RFC 9110 §13.1.1).
 */
function headersFor(
  c: Context,
  hash: string,
  headers: Readonly<Record<string, string>>,
): Record<string, string> {
  if (c.req.header('if-match') !== undefined && !isNamed(c, 'if-match', hash)) {
    throw new Problem('preconditionFailed');
  }
  return { ...headers, ETag: `"${hash}"`, 'Cache-Control': PUBLIC_CACHE };
}

/**
 * Makes the handler of a public text. The text is built once for each isolate. The response has an
 * `ETag` and public caching, and is 304 for a caller that has the text already (RFC 9110 §13.1).
 *
 * @param type its media type.
 * @param build makes the text from the configuration of this deployment.
 * @param headers additional response headers.
 */
export function published(
  type: string,
  build: (config: Config) => string | Promise<string>,
  headers: Readonly<Record<string, string>> = {},
): (c: Context<AppEnv>) => Promise<Response> {
  const kept = oncePerConfig(async (config) => {
    const text = await build(config);
    return { text, hash: await hashOf(text) };
  });
  return async (c) => {
    const { text, hash } = await kept(c.var.config);
    const common = headersFor(c, hash, headers);
    return isNamed(c, 'if-none-match', hash)
      ? c.body(null, 304, common)
      : c.body(text, 200, { 'Content-Type': type, ...common });
  };
}

/**
 * Makes the handler of a static asset. It responds like that of a public text, with the entity tag that
 * Cloudflare computes of the file.
 *
 * @param file the path within the assets.
 * @param type its media type.
 * @param headers additional response headers.
 */
export function publishedFile(
  file: string,
  type: string,
  headers: Readonly<Record<string, string>> = {},
): (c: Context<AppEnv>) => Promise<Response> {
  return async (c) => {
    const asset = await c.env.ASSETS.fetch(new URL(file, c.req.url));
    const hash = /^(?:W\/)?"(.+)"$/.exec(asset.headers.get('etag') ?? '')?.[1];
    if (!asset.ok || hash === undefined) {
      throw new Error(`The static assets have no ${file}: the build writes it.`);
    }
    const common = headersFor(c, hash, headers);
    if (isNamed(c, 'if-none-match', hash)) {
      await asset.body?.cancel();
      return c.body(null, 304, common);
    }
    return c.body(asset.body ?? '', 200, { 'Content-Type': type, ...common });
  };
}
