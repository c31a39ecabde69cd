import type { Context, TypedResponse } from 'hono';
import { areMet, type Preconditions, type Versions } from '../../db/versions.ts';
import { Problem } from '../../problems/problem.ts';

/**
 * Conditional requests (RFC 9110 §13). An entity tag is the version counter of a row, in quotes; it
 * is strong, because a version has one representation.
 */

/** The next entity tag of a list, with what may stand around it; sticky, so that a list is read once. */
const NEXT_TAG = /[ \t,]*(W\/)?"([\x21\x23-\x7e\x80-\uffff]*)"[ \t]*(?=,|$)/y;
const REST = /[ \t,]*$/y;

interface EntityTag {
  readonly weak: boolean;
  readonly opaque: string;
}

/** Parses a list of entity tags (RFC 9110 §8.8.3); undefined when it is none, or empty. */
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
  REST.lastIndex = position;
  return tags.length > 0 && REST.test(header) ? tags : undefined;
}

/** The entity tag of a version. */
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
 * Reads `If-Match` and `If-None-Match` of a request (RFC 9110 §13.1.1, §13.1.2). A weak tag counts as
 * the strong one: the API makes strong tags only, and a proxy that compresses a response, as
 * Cloudflare's does, makes them weak on the way.
 *
 * @throws Problem `violations` for a header that is no list of entity tags.
 */
export function preconditionsOf(c: Context): Preconditions {
  return { ifMatch: versionsOf(c, 'if-match'), ifNoneMatch: versionsOf(c, 'if-none-match') };
}

/**
 * Evaluates the preconditions of a GET or HEAD in the order of RFC 9110 §13.2.2.
 *
 * @param version of the resource that was read.
 * @returns 304 when the caller has this version already, with the headers that a 200 would carry to
 * update a cache (RFC 9110 §15.4.5); undefined when the resource is to be sent.
 * @throws Problem `preconditionFailed` when `If-Match` does not name the version, and `violations` for
 * a header that is no list of entity tags.
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
