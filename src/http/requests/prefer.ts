import type { Context } from 'hono';

/** One preference with its value, which may be in quotes (RFC 7240 §2); parameters follow after `;`. */
const PREFERENCE =
  /^\s*([!#$%&'*+.^`|~\w-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*)))?\s*(?:;|$)/;

/** Commas and quoted strings: a comma within quotes divides nothing. */
const NOT_DIVIDING = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g;

/** What the document says of the header, for an operation that knows the preference `handling`. */
export const handlingParameter = {
  name: 'Prefer',
  in: 'header' as const,
  description:
    'With `handling=lenient` (RFC 7240 §4.4) the valid items are written and the others are not. Any other preference is ignored, and of several `handling` the first one counts.',
  // Every value of a header: what is unknown is ignored.
  schema: { type: 'string' as const, pattern: '^[^\\r\\n]*$', maxLength: 1000 },
  example: 'handling=lenient',
};

/** The header of a response to a request that was handled as it preferred. */
export const LENIENT_APPLIED = { 'Preference-Applied': 'handling=lenient' } as const;

/**
 * Returns whether a request prefers lenient handling (RFC 7240 §4.4). The first `handling` counts;
 * preferences and values that are unknown or malformed are ignored.
 */
export function prefersLenient(c: Context): boolean {
  const preferences = (c.req.header('prefer') ?? '').match(NOT_DIVIDING) ?? [];
  for (const preference of preferences) {
    const [, name = '', quoted, bare] = PREFERENCE.exec(preference) ?? [];
    if (name.toLowerCase() === 'handling') {
      return (quoted?.replaceAll(/\\(.)/g, '$1') ?? bare ?? '').toLowerCase() === 'lenient';
    }
  }
  return false;
}
