import type { Context } from 'hono';

/**
 * Returns whether the body of a request has a content coding, such as `gzip` (RFC 9110 §8.4). No
 * operation decodes one: a few bytes could stand for very many.
 */
export function hasContentCoding(c: Context): boolean {
  const codings = (c.req.header('content-encoding') ?? '').split(',');
  return codings.some((coding) => !['', 'identity'].includes(coding.trim().toLowerCase()));
}
