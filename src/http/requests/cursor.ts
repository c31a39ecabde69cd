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
  /** What to send instead of a cursor that is refused, in one sentence. */
  readonly expected: string;
  /** The filters of the list that each page must have, normalised. */
  readonly filters: Readonly<Record<string, unknown>>;
  /** The part of the request whose member `after` is the cursor; by default the query. */
  readonly in?: 'query' | 'body';
}

/** Two integers that name a place, such as the time and the number of a ticket. */
type Place = readonly [number, number];

const MAX_LENGTH = 200;

/** The schema of a cursor in a response. */
export const cursorSchema = { pattern: '^[A-Za-z0-9_-]+$', minLength: 1, maxLength: MAX_LENGTH };

/**
 * Returns a zod schema for the parameter or the member that takes a cursor.
 *
 * @param expected what to send, in one sentence.
 */
export const cursorParameter = (expected: string) =>
  text({ minLength: 1, maxLength: MAX_LENGTH, alphabet: /^[A-Za-z0-9_-]*$/, expected });

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
function claimedPlace(cursor: string): readonly number[] {
  try {
    const readable = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
    return readable.split('.').slice(0, -1).map(Number);
  } catch {
    return [];
  }
}

const isPlace = (claimed: readonly number[]): claimed is Place =>
  claimed.length === 2 && claimed.every(Number.isSafeInteger);

/** Returns the problem of a cursor that names no place of the list. */
function refusedCursor({ expected, in: part }: CursorScope): Problem {
  const violation = { code: 'invalid_format', detail: expected } as const;
  return new Problem('violations', {
    violations: [
      part === 'body'
        ? { in: 'body', pointer: '#/after', ...violation }
        : { in: 'query', name: 'after', ...violation },
    ],
  });
}

/**
 * Returns the place that a cursor names.
 *
 * @throws Problem `violations` for a cursor that was altered, or made for another partner, another
 * operation or other filters.
 */
export async function placeOfCursor(scope: CursorScope, cursor: string): Promise<Place> {
  const place = claimedPlace(cursor);
  // The same place has one cursor, so that even an alteration which decodes to the same is found.
  if (!isPlace(place) || (await cursorOf(scope, place)) !== cursor) {
    throw refusedCursor(scope);
  }
  return place;
}
