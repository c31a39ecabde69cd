import type { Context } from 'hono';

/**
 * Returns whether the body of a request has a content coding, such as `gzip` (RFC 9110 §8.4). No
 * operation decodes such a body, because a few compressed bytes can expand to a very large body.
 */
export function hasContentCoding(c: Context): boolean {
  const codings = (c.req.header('content-encoding') ?? '').split(',');
  return codings.some((coding) => !['', 'identity'].includes(coding.trim().toLowerCase()));
}
