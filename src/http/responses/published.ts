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
 * Makes the handler of a public text: built once per isolate, answered with `ETag` and public
 * caching, with 304 to who has it, and with 412 to who wants another state (RFC 9110 §13.1).
 *
 * @param type its media type.
 * @param build from the configuration of this deployment.
 * @param headers what it carries beside.
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
    const common = { ...headers, ETag: `"${hash}"`, 'Cache-Control': PUBLIC_CACHE };
    if (c.req.header('if-match') !== undefined && !isNamed(c, 'if-match', hash)) {
      throw new Problem('preconditionFailed');
    }
    if (isNamed(c, 'if-none-match', hash)) {
      return c.body(null, 304, common);
    }
    return c.body(text, 200, { 'Content-Type': type, ...common });
  };
}
