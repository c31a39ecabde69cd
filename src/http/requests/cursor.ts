import { sha256 } from '../../auth/secrets.ts';
import { Problem } from '../../problems/problem.ts';
import { text } from '../fields/text.ts';

/**
 * Cursors: opaque texts that name a place in a list of one partner, so that the following page begins
 * after that place whatever is written meanwhile. A cursor ends with a digest of all that it is bound to.
 * The digest needs no secret: it finds accidents and mix-ups, and a forged place would still be one in
 * the partner's own list.
 */

/** What a cursor is bound to: it is refused anywhere else. */
export interface CursorScope {
  /** The operation that made it. */
  readonly operationId: string;
  readonly partnerId: number;
  /** The filters of the list, normalised. */
  readonly filters: Readonly<Record<string, unknown>>;
}

/** Numbers that name a place, such as the time and the number of a ticket. */
type Place = readonly number[];

const MAX_LENGTH = 200;

/** A zod schema for the query parameter that takes a cursor. */
export const cursorParameter = text({
  minLength: 1,
  maxLength: MAX_LENGTH,
  alphabet: /^[A-Za-z0-9_-]*$/,
  expected: 'Send the cursor unchanged, as the Link header of the page before has it.',
});

/** Returns the cursor of a place. */
export async function cursorOf(scope: CursorScope, place: Place): Promise<string> {
  const { operationId, partnerId, filters } = scope;
  const given = Object.entries(filters)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const digest = await sha256(JSON.stringify([operationId, partnerId, given, place]));
  const readable = [...place, digest.slice(0, 32)].join('.');
  return btoa(readable).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Returns the place that a cursor claims, before its digest is held against it. */
function claimedPlace(cursor: string): Place {
  try {
    const readable = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
    return readable.split('.').slice(0, -1).map(Number);
  } catch {
    return [];
  }
}

/**
 * Returns the place that a cursor names.
 *
 * @param name the parameter that holds the cursor.
 * @throws Problem `violations` for a cursor that was altered, or made for another partner, another
 * operation or other filters.
 */
export async function placeOfCursor(
  scope: CursorScope,
  cursor: string,
  name: string,
): Promise<Place> {
  const place = claimedPlace(cursor);
  // The same place has one cursor, so that even an alteration which decodes to the same is found.
  if ((await cursorOf(scope, place)) !== cursor) {
    const detail =
      'Send the cursor unchanged and with the same filters, as the Link header of the page before has it.';
    throw new Problem('violations', {
      violations: [{ in: 'query', name, code: 'invalid_format', detail }],
    });
  }
  return place;
}
