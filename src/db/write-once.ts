import type { Database } from './client.ts';
import { AlreadyRecorded } from './errors.ts';
import { type Change, isUnrecorded } from './events.ts';
import type { InOrder, Rows, Statements } from './statements.ts';
import { failUnless } from './write-guard.ts';

/**
 * Runs the statements of a change, of which one records the event of the change. If the response of an attempt
 * is lost, the repetition first looks for the event, and writes nothing if it is there. Otherwise it could
 * take effect a second time on what another request did in between.
 *
 * @returns the rows of each statement; `'recorded'` if an earlier attempt took effect.
 * @throws the errors of `Database.write`.
 */
export async function writeOnce<S extends Statements>(
  db: Database,
  change: Change,
  statements: S & InOrder<S>,
): Promise<Rows<S> | 'recorded'> {
  try {
    const { rows } = await db.write<S>(statements, () => ({
      unlessRecorded: failUnless(isUnrecorded(change), 'already-recorded'),
      ...statements,
    }));
    return rows;
  } catch (error) {
    if (error instanceof AlreadyRecorded) {
      return 'recorded';
    }
    throw error;
  }
}
