import type { Context } from 'hono';
import { MAX_PREFERENCE_LENGTH, preferenceHeader } from './bounded-headers.ts';

/** What the document says of the header, for an operation that knows the preference `handling`. */
export const handlingParameter = {
  name: 'Prefer',
  in: 'header' as const,
  description:
    'With `handling=lenient` (RFC 7240 §4.4) the valid items are written and the others are not. If the header names `handling` several times, the API follows the first one. It ignores a longer header.',
  // Every value of a header: what is unknown is ignored.
  schema: {
    type: 'string' as const,
    pattern: '^[^\\r\\n]*$',
    maxLength: MAX_PREFERENCE_LENGTH,
  },
  example: 'handling=lenient',
};

/** The header of a response to a request that was handled as it preferred. */
export const LENIENT_APPLIED = { 'Preference-Applied': 'handling=lenient' } as const;

/** Matches a token (RFC 9110 §5.6.2). */
const TOKEN = /^[!#$%&'*+.^`|~\w-]+$/;
/** Matches a value without quotes, which may be empty. */
const BARE = /^[^\s"]*$/;
/** Matches a quoted string (RFC 9110 §5.6.4). */
const QUOTED = /^"(?:[^"\\]|\\.)*"$/;

/**
 * Divides a text at each separator that is not within quotes, in one pass. A quote that never closes ends with
 * the text.
 */
function divide(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let position = 0; position < text.length; position++) {
    const character = text[position];
    if (character === '"') {
      isQuoted = !isQuoted;
    } else if (character === '\\' && isQuoted) {
      position++;
    } else if (character === separator && !isQuoted) {
      parts.push(text.slice(start, position));
      start = position + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** Removes the quotes of a quoted string and the backslashes of its escapes. */
function unquoted(text: string): string {
  let value = '';
  for (let position = 1; position < text.length - 1; position++) {
    position += text[position] === '\\' ? 1 : 0;
    value += text[position];
  }
  return value;
}

/** Parses one preference without its parameters; undefined if it is malformed. */
function parsePreference(text: string): readonly [name: string, value: string] | undefined {
  const equals = text.indexOf('=');
  const name = (equals === -1 ? text : text.slice(0, equals)).trim();
  const value = equals === -1 ? '' : text.slice(equals + 1).trim();
  if (!TOKEN.test(name)) {
    return undefined;
  }
  if (BARE.test(value)) {
    return [name.toLowerCase(), value];
  }
  return QUOTED.test(value) ? [name.toLowerCase(), unquoted(value)] : undefined;
}

/**
 * Parses a `Prefer` header (RFC 7240 §2) in time that is linear in its length. Of several preferences with one
 * name the first one counts. Parameters and malformed preferences are ignored.
 *
 * @returns the value of each preference by its name in lower case; the empty string for one without a value.
 */
export function parsePreferences(header: string): ReadonlyMap<string, string> {
  const preferences = new Map<string, string>();
  for (const element of divide(header, ',')) {
    const [first = ''] = divide(element, ';');
    const [name, value] = parsePreference(first) ?? [];
    if (name !== undefined && value !== undefined && !preferences.has(name)) {
      preferences.set(name, value);
    }
  }
  return preferences;
}

/** Returns the preferences of a request, in their order. A header beyond `MAX_PREFERENCE_LENGTH` has none. */
export const preferencesOf = (c: Context): ReadonlyMap<string, string> =>
  parsePreferences(preferenceHeader(c, 'prefer') ?? '');

/**
 * Returns whether a request prefers lenient handling (RFC 7240 §4.4). The first `handling` counts; preferences
 * and values that are unknown or malformed are ignored.
 */
export const prefersLenient = (c: Context): boolean =>
  preferencesOf(c).get('handling')?.toLowerCase() === 'lenient';
