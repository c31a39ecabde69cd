import type { Context } from 'hono';
import { type Config, oncePerConfig } from '../../config.ts';
import type { AppEnv } from '../../context.ts';
import { Problem } from '../../problems/problem.ts';
import { parseEntityTags } from '../requests/conditional.ts';

/** The `Cache-Control` of a resource that is the same for every caller: any cache may keep it for 300 s. */
const PUBLIC_CACHE = 'public, max-age=300';

/**
 * Returns the opaque part of a strong entity tag (RFC 9110 §8.8.3). It depends only on the text, so it is
 * the same in every isolate.
 */
async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest, 0, 16), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

/**
 * Returns whether a conditional header matches an entity tag. A weak tag matches too, because a proxy
 * that compresses a response makes its strong tag weak (RFC 9110 §13.1.2).
 */
function isNamed(c: Context, name: 'if-match' | 'if-none-match', hash: string): boolean {
  const header = c.req.header(name);
  if (header?.trim() === '*') {
    return true;
  }
  const tags = header === undefined ? undefined : parseEntityTags(header);
  return tags?.includes(hash) === true;
}

/**
 * Returns the headers that a 200 and a 304 response share (RFC 9110 §15.4.5).
 *
 * @param hash the entity tag without its quotes.
 * @param headers additional response headers.
 * @throws Problem `preconditionFailed` if `If-Match` does not match the entity tag (RFC 9110 §13.1.1).
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
 * Returns a handler that serves a public text. The text is built once in each isolate. The response has
 * an `ETag` and may be cached publicly. It is a 304 if the caller already has the text (RFC 9110 §13.1).
 *
 * @param type the media type.
 * @param build returns the text for the configuration of this deployment.
 * @param headers additional response headers.
 */
export function published(
  type: string,
  build: (config: Config) => string | Promise<string>,
  headers: Readonly<Record<string, string>> = {},
): (c: Context<AppEnv>) => Promise<Response> {
  const textOf = oncePerConfig(async (config) => {
    const text = await build(config);
    return { text, hash: await hashOf(text) };
  });
  return async (c) => {
    const { text, hash } = await textOf(c.var.config);
    const common = headersFor(c, hash, headers);
    return isNamed(c, 'if-none-match', hash)
      ? c.body(null, 304, common)
      : c.body(text, 200, { 'Content-Type': type, ...common });
  };
}

/**
 * Returns a handler that serves a static asset. It responds as `published` does, with the entity tag that
 * Cloudflare computes for the file.
 *
 * @param file the path within the assets.
 * @param type the media type.
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
