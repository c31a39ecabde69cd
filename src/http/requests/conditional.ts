import type { Context, TypedResponse } from 'hono';
import { areMet, type Preconditions, type Versions } from '../../db/versions.ts';
import { Problem, type Violation } from '../../problems/problem.ts';
import { boundedHeader } from './bounded-headers.ts';
import { MAX_HEADER_LENGTH } from './shared-parameters.ts';

/**
 * Conditional requests (RFC 9110 §13). An entity tag is the version counter of a row in double quotes.
 * It is a strong tag, because each version has exactly one representation.
 */

/** Matches the characters of an entity tag without its quotes (RFC 9110 §8.8.3). */
const OPAQUE = /^[\x21\x23-\x7e\x80-\uffff]*$/;

interface EntityTag {
  readonly weak: boolean;
  readonly opaque: string;
}

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
 * @returns undefined if the header is malformed or lists no tag.
 */
export function parseEntityTags(header: string): EntityTag[] | undefined {
  const tags: EntityTag[] = [];
  let position = skip(header, ' \t,', 0);
  while (position < header.length) {
    const weak = header.startsWith('W/', position);
    const start = position + (weak ? 2 : 0);
    const end = header[start] === '"' ? header.indexOf('"', start + 1) : -1;
    const opaque = header.slice(start + 1, end);
    const after = skip(header, ' \t', end + 1);
    const isSeparated = after === header.length || header[after] === ',';
    if (end === -1 || !OPAQUE.test(opaque) || !isSeparated) {
      return undefined;
    }
    tags.push({ weak, opaque });
    position = skip(header, ' \t,', after);
  }
  return tags.length > 0 ? tags : undefined;
}

/** Returns the entity tag of a version. */
export function entityTag(version: number): string {
  return `"${version}"`;
}

const expected = `Send the ETag that you received with its double quotes, a list of such tags, or *. Use at most ${MAX_HEADER_LENGTH} characters.`;

/** Returns the violation of a conditional header that is neither a list of entity tags nor `*`. */
export function malformedCondition(name: string): Violation {
  return { in: 'header', name, code: 'invalid_format', detail: expected };
}

function versionsOf(c: Context, name: string): Versions | undefined {
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
  return tags.flatMap(({ opaque }) => (/^[1-9][0-9]{0,15}$/.test(opaque) ? [Number(opaque)] : []));
}

/**
 * Reads the `If-Match` and `If-None-Match` headers of a request (RFC 9110 §13.1.1, §13.1.2). A weak tag
 * is treated as the equal strong tag: the API sends only strong tags, but a proxy that compresses
 * responses, such as Cloudflare's, makes them weak.
 *
 * @throws Problem `violations` if a header is neither a list of entity tags nor `*`, or is too long.
 */
export function preconditionsOf(c: Context): Preconditions {
  return { ifMatch: versionsOf(c, 'if-match'), ifNoneMatch: versionsOf(c, 'if-none-match') };
}

/**
 * Evaluates the preconditions of a GET or HEAD in the order of RFC 9110 §13.2.2.
 *
 * @param version the current version of the resource.
 * @param location the path that a 200 response would have in `Content-Location`, if it has one.
 * @returns a 304 response if the caller already has this version, with the `ETag` and
 * the `Content-Location` that a 200 response would have (RFC 9110 §15.4.5); undefined if the resource must be sent.
 * @throws Problem `preconditionFailed` if `If-Match` does not match the version, and `violations` if a
 * header is neither a list of entity tags nor `*`, or is too long.
 */
export function notModified(
  c: Context,
  version: number,
  location?: string,
): (Response & TypedResponse<null, 304, 'body'>) | undefined {
  const { ifMatch, ifNoneMatch } = preconditionsOf(c);
  if (!areMet({ ifMatch }, version)) {
    throw new Problem('preconditionFailed');
  }
  return areMet({ ifNoneMatch }, version)
    ? undefined
    : c.body(null, 304, {
        ETag: entityTag(version),
        ...(location !== undefined && { 'Content-Location': new URL(location, c.req.url).href }),
      });
}
