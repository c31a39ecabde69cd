import type { SQL } from 'drizzle-orm';
import type { Database } from './client.ts';

/** Rows that one statement removes at most, so that it does not block the database for long. */
const MAX_ROWS = 500;
/** Statements in one run. What is left waits for the next run. */
const MAX_BATCHES = 40;

/**
 * Removes rows in bounded batches, each in a transaction of its own.
 *
 * @param removal returns the DELETE of at most `limit` rows, with a RETURNING clause.
 * @returns how many rows were removed.
 */
export async function removeInBatches(
  db: Database,
  removal: (limit: number) => SQL,
): Promise<number> {
  let count = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const {
      rows: { removed },
    } = await db.write({ removed: removal(MAX_ROWS) });
    count += removed.length;
    if (removed.length < MAX_ROWS) {
      break;
    }
  }
  return count;
}
