import { type Database, requireCertain } from './client.ts';
import { AlreadyRecorded } from './errors.ts';
import { type Change, isUnrecorded, recordedVersion } from './events.ts';
import { failUnless } from './fail-unless.ts';
import type { InOrder, OwnedStatement, Rows, Statement, Statements } from './statements.ts';

/**
 * Runs the statements of a change, of which one records the event of the change. If the response of an attempt
 * is lost, the repetition first looks for the event, and writes nothing if it is there. Otherwise it could
 * take effect a second time on what another request did in between.
 *
 * @returns the rows of each statement; `'recorded'` if an earlier attempt took effect.
 * @throws the errors of `Database.write`.
 */
export async function writeOnce<S extends Statements<OwnedStatement>>(
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
      // D1 gives a failed call no bookmark, and the response needs one that includes the change.
      await db.readPrimary({ recorded: recordedVersion(change) });
      return 'recorded';
    }
    throw error;
  }
}

/** The statements of an update. `update` returns the changed row, and `present` the row after it, if it exists. */
type Update = Statements<OwnedStatement> & {
  readonly update: OwnedStatement;
  readonly present: OwnedStatement;
};

/** The row that a statement selects. */
type RowOf<S extends Statement> = Rows<{ readonly one: S }>['one'] extends readonly (infer Row)[]
  ? Row
  : never;

/** What an update found: the row that it changed, or the present row, if there is one, which it left alone. */
export type Updated<Row> =
  | { readonly changed: Row }
  | { readonly changed: undefined; readonly present: Row | undefined };

/**
 * Runs the statements of an update, of which one records the event of the change. If the response of an attempt
 * is lost, the event tells whether it took effect, and which version the row had after it.
 *
 * @throws DatabaseUnavailable if an earlier attempt took effect, and another request changed the row since; the
 * errors of `Database.write`.
 */
export async function updateOnce<S extends Update>(
  db: Database,
  change: Change,
  statements: S & InOrder<S>,
): Promise<Updated<RowOf<S['present']>>> {
  const rows = await writeOnce<S>(db, change, statements);
  if (rows !== 'recorded') {
    const [changed] = rows.update as RowOf<S['present']>[];
    const [present] = rows.present as RowOf<S['present']>[];
    return changed === undefined ? { changed: undefined, present } : { changed };
  }
  return { changed: await recordedRow<S['present']>(db, change, statements.present) };
}

/**
 * Reads the row of a change that an earlier attempt recorded.
 *
 * @param present selects the row by its key.
 * @throws DatabaseUnavailable if another request changed the row since.
 */
export async function recordedRow<S extends OwnedStatement>(
  db: Database,
  change: Change,
  present: S,
): Promise<RowOf<S>> {
  const statement: OwnedStatement = present;
  const { found, recorded } = await db.readPrimary({
    found: statement,
    recorded: recordedVersion(change),
  });
  const [row] = found as (RowOf<S> & { readonly version: number })[];
  requireCertain(row === undefined || row.version !== recorded[0]?.version);
  return row as RowOf<S>;
}
