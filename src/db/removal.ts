import type { SQL } from 'drizzle-orm';
import type { Database } from './client.ts';
import type { Statement } from './statements.ts';

/**
 * The maximum number of rows that one statement removes, so that it does not block the database for
 * long.
 */
const MAX_ROWS_PER_BATCH = 500;
/** The maximum number of statements in one run. The next run removes the remaining rows. */
const MAX_BATCHES_PER_RUN = 40;

/**
 * Removes rows in batches of limited size, each in its own transaction.
 *
 * @param removal returns a DELETE of at most `limit` rows with a RETURNING clause.
 * @param follow a statement that follows each DELETE in its transaction.
 * @returns the number of removed rows.
 */
export async function removeInBatches(
  db: Database<Statement>,
  removal: (limit: number) => SQL,
  follow?: SQL<never>,
): Promise<number> {
  let count = 0;
  for (let batch = 0; batch < MAX_BATCHES_PER_RUN; batch++) {
    const {
      rows: { removed },
    } = await db.write({ removed: removal(MAX_ROWS_PER_BATCH), follow });
    count += removed.length;
    if (removed.length < MAX_ROWS_PER_BATCH) {
      break;
    }
  }
  return count;
}
