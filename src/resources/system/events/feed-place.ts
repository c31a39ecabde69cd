import { type CursorScope, cursorOf, placeOfCursor } from '../../../http/requests/cursor.ts';
import { Problem } from '../../../problems/problem.ts';
import type { FeedBounds } from './events.repository.ts';

/** A place in the feed of a partner: after the event with a sequence, in an epoch. */
export interface FeedPlace {
  readonly epoch: number;
  /** 0 is the place before the first event. */
  readonly sequence: number;
}

/**
 * Returns what the cursors of a partner's feed are bound to. The type of the events is no part of it, so that a
 * program can change the types that it follows.
 */
export function feedScope(
  partnerId: number,
  { expected, in: part }: Pick<CursorScope, 'expected' | 'in'>,
): CursorScope {
  return { operationId: 'listEvents', partnerId, filters: {}, expected, in: part };
}

/** Returns the cursor of a place in the feed. */
export const cursorOfFeed = (scope: CursorScope, { epoch, sequence }: FeedPlace): Promise<string> =>
  cursorOf(scope, [epoch, sequence]);

/**
 * Returns the place that a cursor of the feed names.
 *
 * @throws Problem `violations` for a cursor that was altered or is of another partner or another list.
 */
export async function placeInFeed(scope: CursorScope, cursor: string): Promise<FeedPlace> {
  const [epoch, sequence] = await placeOfCursor(scope, cursor);
  return { epoch, sequence };
}

/**
 * Requires that all events after a place are kept. A place after the newest event is from before a restore to an earlier
 * state.
 *
 * @param epoch the current epoch.
 * @throws Problem `cursorExpired` for a place of another epoch, before the oldest event or after the newest one.
 */
export function requirePlace(
  place: FeedPlace,
  epoch: number,
  { newest, oldest }: FeedBounds,
): void {
  if (place.epoch !== epoch || place.sequence < oldest - 1 || place.sequence > newest) {
    throw new Problem('cursorExpired');
  }
}
