import type { Context } from 'hono';
import { Problem } from '../problems/problem.ts';
import type { AnyTypedResponse } from './reply.ts';

/**
 * Conditional requests (RFC 9110 §13). An entity tag is the version counter of a row, in quotes; it
 * is strong, because a version has one representation.
 */

/** What a condition accepts: any present state, or these versions. */
export type Versions = '*' | readonly number[];

const ENTITY_TAG = /(W\/)?"([\x21\x23-\x7e\x80-\uffff]*)"/;
const ENTITY_TAGS = new RegExp(
  `^[ \\t]*(?:,[ \\t]*)*${ENTITY_TAG.source}(?:[ \\t]*,[ \\t]*(?:${ENTITY_TAG.source})?)*$`,
);

/** The entity tag of a version. */
export function entityTag(version: number): string {
  return `"${version}"`;
}

function versionsOf(c: Context, name: string, comparison: 'strong' | 'weak'): Versions | undefined {
  const header = c.req.header(name);
  if (header === undefined) {
    return undefined;
  }
  if (header.trim() === '*') {
    return '*';
  }
  if (!ENTITY_TAGS.test(header)) {
    const detail = 'Send the ETag as it was answered, in its quotes, a list of such, or *.';
    throw new Problem('violations', {
      violations: [{ in: 'header', name, code: 'invalid_format', detail }],
    });
  }
  const tags = header.matchAll(new RegExp(ENTITY_TAG.source, 'g'));
  return Array.from(tags).flatMap(([, weak, opaque]) =>
    (weak !== undefined && comparison === 'strong') || !/^[1-9][0-9]{0,15}$/.test(opaque as string)
      ? []
      : [Number(opaque)],
  );
}

/**
 * The versions that `If-Match` accepts (RFC 9110 §13.1.1); undefined without the header. A weak tag
 * never matches.
 *
 * @throws Problem `violations` for a header that is no list of entity tags.
 */
export function ifMatch(c: Context): Versions | undefined {
  return versionsOf(c, 'if-match', 'strong');
}

/** Whether `If-None-Match` names this version (RFC 9110 §13.1.2), so that 304 is the answer. */
export function isNotModified(c: Context, version: number): boolean {
  const versions = versionsOf(c, 'if-none-match', 'weak');
  return versions === '*' || versions?.includes(version) === true;
}

/** 304 with the headers that a 200 would carry to update a cache (RFC 9110 §15.4.5). */
export function notModified(c: Context, version: number): AnyTypedResponse {
  return c.body(null, 304, { ETag: entityTag(version) }) as never;
}
