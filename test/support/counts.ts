import type { Batch } from '../../scripts/homes/batch.ts';
import { compareCounts, type PageSizes } from '../../scripts/operate/compare-counts.ts';
import { preparedRecountPages } from '../../src/resources/tickets/prepared-tickets/recount.repository.ts';
import { pickedUpRecountPages } from '../../src/resources/tickets/tickets/recount.repository.ts';

/** Returns what executes statements of `npm run counts:check` in a database. */
export const executeIn =
  (database: D1Database): Batch =>
  async (statements) => {
    const executed = await database.batch(statements.map((one) => database.prepare(one)));
    return executed.map(({ results }) => results);
  };

/** Returns the counts of prepared and of picked-up tickets that differ from their rows. */
export async function wrongCounts(database: D1Database, sizes?: PageSizes) {
  const compare = (pages: typeof preparedRecountPages) =>
    compareCounts(pages, executeIn(database), undefined, sizes);
  return [...(await compare(preparedRecountPages)), ...(await compare(pickedUpRecountPages))];
}
