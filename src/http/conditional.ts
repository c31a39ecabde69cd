import type { Context } from 'hono';
import type { Versions } from '../db/versions.ts';
import { Problem } from '../problems/problem.ts';
import type { AnyTypedResponse } from './reply.ts';

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
 * The versions that `If-Match` accepts (RFC 9110 §13.1.1); undefined without the header. A weak tag
 * counts as the strong one: we make strong ones only, and a proxy that compresses an answer, as
 * Cloudflare's does, makes them weak on the way.
 *
 * @throws Problem `violations` for a header that is no list of entity tags.
 */
export function ifMatch(c: Context): Versions | undefined {
  return versionsOf(c, 'if-match');
}

/** Whether `If-None-Match` names this version (RFC 9110 §13.1.2), so that 304 is the answer. */
export function isNotModified(c: Context, version: number): boolean {
  const versions = versionsOf(c, 'if-none-match');
  return versions === '*' || versions?.includes(version) === true;
}

/** 304 with the headers that a 200 would carry to update a cache (RFC 9110 §15.4.5). */
export function notModified(c: Context, version: number): AnyTypedResponse {
  return c.body(null, 304, { ETag: entityTag(version) }) as never;
}
