import type { SQL } from 'drizzle-orm';
import type { Database } from './client.ts';
import type { Statement } from './statements.ts';

/**
 * The work of a scheduled task in bounded steps. After each, it yields how much it removed or renewed, so that other
 * tasks get their turn.
 */
export type Steps = AsyncGenerator<number, void>;

/**
 * The maximum number of rows that one statement removes, so that it does not block the database for
 * long.
 */
const MAX_ROWS_PER_BATCH = 500;

/** A removal in batches, each in its own transaction. */
export interface Removal {
  /** Returns a DELETE of at most `limit` rows with a RETURNING clause. */
  readonly batch: (limit: number) => SQL;
  /** A statement that follows each DELETE in its transaction. */
  readonly follow?: SQL<never>;
}

/** Removes rows until none is left, a batch of each removal by turns, so that none waits for all rows of another one. */
export async function* removeInBatches(
  db: Database<Statement>,
  removals: readonly Removal[],
): Steps {
  const turns = [...removals];
  // A removal that is not done gets a further turn at the end.
  for (const removal of turns) {
    const { rows } = await db.write({
      removed: removal.batch(MAX_ROWS_PER_BATCH),
      follow: removal.follow,
    });
    yield rows.removed.length;
    if (rows.removed.length === MAX_ROWS_PER_BATCH) {
      turns.push(removal);
    }
  }
}
