import type { Context, TypedResponse } from 'hono';
import { areMet, type Preconditions, type Versions } from '../../db/versions.ts';
import { Problem } from '../../problems/problem.ts';

/**
 * Conditional requests (RFC 9110 §13). An entity tag is the version counter of a row in double quotes.
 * It is a strong tag, because each version has exactly one representation.
 */

/**
 * Matches the next entity tag of a list, with the surrounding commas and whitespace. The expression is
 * sticky, so that parsing takes linear time however long the list is.
 */
const NEXT_TAG = /[ \t,]*(W\/)?"([\x21\x23-\x7e\x80-\uffff]*)"[ \t]*(?=,|$)/y;
const TRAILING_SEPARATORS = /[ \t,]*$/y;

interface EntityTag {
  readonly weak: boolean;
  readonly opaque: string;
}

/**
 * Parses a list of entity tags (RFC 9110 §8.8.3).
 *
 * @returns undefined if the header is malformed or lists no tag.
 */
export function parseEntityTags(header: string): EntityTag[] | undefined {
  const tags: EntityTag[] = [];
  let position = 0;
  for (;;) {
    NEXT_TAG.lastIndex = position;
    const match = NEXT_TAG.exec(header);
    if (match === null) {
      break;
    }
    tags.push({ weak: match[1] !== undefined, opaque: match[2] as string });
    position = NEXT_TAG.lastIndex;
  }
  TRAILING_SEPARATORS.lastIndex = position;
  return tags.length > 0 && TRAILING_SEPARATORS.test(header) ? tags : undefined;
}

/** Returns the entity tag of a version. */
export function entityTag(version: number): string {
  return `"${version}"`;
}

function versionsOf(c: Context, name: string): Versions | undefined {
  const header = c.req.header(name);
  if (header === undefined) {
    return undefined;
  }
  if (header.trim() === '*') {
    return '*';
  }
  const tags = parseEntityTags(header);
  if (tags === undefined) {
    const detail =
      'Send the ETag that you received with its double quotes, a list of such tags, or *.';
    throw new Problem('violations', {
      violations: [{ in: 'header', name, code: 'invalid_format', detail }],
    });
  }
  return tags.flatMap(({ opaque }) => (/^[1-9][0-9]{0,15}$/.test(opaque) ? [Number(opaque)] : []));
}

/**
 * Reads the `If-Match` and `If-None-Match` headers of a request (RFC 9110 §13.1.1, §13.1.2). A weak tag
 * is treated as the equal strong tag: the API sends only strong tags, but a proxy that compresses
 * responses, such as Cloudflare's, makes them weak.
 *
 * @throws Problem `violations` if a header is neither a list of entity tags nor `*`.
 */
export function preconditionsOf(c: Context): Preconditions {
  return { ifMatch: versionsOf(c, 'if-match'), ifNoneMatch: versionsOf(c, 'if-none-match') };
}

/**
 * Evaluates the preconditions of a GET or HEAD in the order of RFC 9110 §13.2.2.
 *
 * @param version the current version of the resource.
 * @returns a 304 response if the caller already has this version, with the `ETag` that a 200 response
 * would have (RFC 9110 §15.4.5); undefined if the resource must be sent.
 * @throws Problem `preconditionFailed` if `If-Match` does not match the version, and `violations` if a
 * header is neither a list of entity tags nor `*`.
 */
export function notModified(
  c: Context,
  version: number,
): (Response & TypedResponse<null, 304, 'body'>) | undefined {
  const { ifMatch, ifNoneMatch } = preconditionsOf(c);
  if (!areMet({ ifMatch }, version)) {
    throw new Problem('preconditionFailed');
  }
  return areMet({ ifNoneMatch }, version)
    ? undefined
    : c.body(null, 304, { ETag: entityTag(version) });
}
