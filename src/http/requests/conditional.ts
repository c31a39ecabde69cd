import type { Context, TypedResponse } from 'hono';
import { areMet, type Preconditions, type Tags } from '../../db/entity-tags.ts';
import { Problem, type Violation } from '../../problems/problem.ts';
import { boundedHeader } from './bounded-headers.ts';
import { MAX_HEADER_LENGTH } from './shared-parameters.ts';

/**
 * Conditional requests (RFC 9110 §13). An entity tag names the version of a row (see entity-tags.ts), in double quotes.
 * It is a strong tag, because each version has exactly one representation.
 */

/** Matches the characters of an entity tag without its quotes (RFC 9110 §8.8.3). */
const OPAQUE = /^[\x21\x23-\x7e\x80-\uffff]*$/;

/** Returns the first position from `start` on whose character is none of `characters`. */
function skip(text: string, characters: string, start: number): number {
  let position = start;
  while (position < text.length && characters.includes(text[position] as string)) {
    position++;
  }
  return position;
}

/**
 * Parses a list of entity tags (RFC 9110 §8.8.3) in one pass.
 *
 * @returns the tags without quotes and weakness indicators; undefined if the header is malformed or lists no tag.
 */
export function parseEntityTags(header: string): string[] | undefined {
  const tags: string[] = [];
  let position = skip(header, ' \t,', 0);
  while (position < header.length) {
    const start = position + (header.startsWith('W/', position) ? 2 : 0);
    const end = header[start] === '"' ? header.indexOf('"', start + 1) : -1;
    const opaque = header.slice(start + 1, end);
    const after = skip(header, ' \t', end + 1);
    const isSeparated = after === header.length || header[after] === ',';
    if (end === -1 || !OPAQUE.test(opaque) || !isSeparated) {
      return undefined;
    }
    tags.push(opaque);
    position = skip(header, ' \t,', after);
  }
  return tags.length > 0 ? tags : undefined;
}

/** Returns an entity tag as headers have it. */
export function entityTag(tag: string): string {
  return `"${tag}"`;
}

const expected = `Send the ETag that you received with its double quotes, a list of such tags, or *. Use at most ${MAX_HEADER_LENGTH} characters.`;

/** Returns the violation of a conditional header that is neither a list of entity tags nor `*`. */
export function malformedCondition(name: string): Violation {
  return { in: 'header', name, code: 'invalid_format', detail: expected };
}

function tagsOf(c: Context, name: string): Tags | undefined {
  const header = boundedHeader(c, name, { maxLength: MAX_HEADER_LENGTH, expected });
  if (header === undefined) {
    return undefined;
  }
  if (header.trim() === '*') {
    return '*';
  }
  const tags = parseEntityTags(header);
  if (tags === undefined) {
    throw new Problem('violations', { violations: [malformedCondition(name)] });
  }
  return tags;
}

/**
 * Reads the `If-Match` and `If-None-Match` headers of a request (RFC 9110 §13.1.1, §13.1.2). A weak tag
 * is treated as the equal strong tag: the API sends only strong tags, but a proxy that compresses
 * responses, such as Cloudflare's, makes them weak.
 *
 * @throws Problem `violations` if a header is neither a list of entity tags nor `*`, or is too long.
 */
export function preconditionsOf(c: Context): Preconditions {
  return { ifMatch: tagsOf(c, 'if-match'), ifNoneMatch: tagsOf(c, 'if-none-match') };
}

/**
 * Evaluates the preconditions of a GET or HEAD in the order of RFC 9110 §13.2.2.
 *
 * @param tag the current entity tag of the resource.
 * @param location the path that a 200 response would have in `Content-Location`, if it has one.
 * @returns a 304 response if the caller already has this state, with the `ETag` and
 * the `Content-Location` that a 200 response would have (RFC 9110 §15.4.5); undefined if the resource must be sent.
 * @throws Problem `preconditionFailed` if `If-Match` does not match the tag, and `violations` if a
 * header is neither a list of entity tags nor `*`, or is too long.
 */
export function notModified(
  c: Context,
  tag: string,
  location?: string,
): (Response & TypedResponse<null, 304, 'body'>) | undefined {
  const { ifMatch, ifNoneMatch } = preconditionsOf(c);
  if (!areMet({ ifMatch }, tag)) {
    throw new Problem('preconditionFailed');
  }
  return areMet({ ifNoneMatch }, tag)
    ? undefined
    : c.body(null, 304, {
        ETag: entityTag(tag),
        ...(location !== undefined && { 'Content-Location': new URL(location, c.req.url).href }),
      });
}
