/**
 * `npm run counts:check [-- --repair --home eu --remote]` compares the stored counts of prepared and picked-up
 * tickets with the rows that they count. It exits with 1 if a difference is left.
 */
import { Command } from 'commander';
import { preparedRecountPages } from '../../src/resources/tickets/prepared-tickets/recount.repository.ts';
import {
  BEFORE_ALL_TIME,
  MERGED,
  type WrongCount,
} from '../../src/resources/tickets/recount-pages.repository.ts';
import { pickedUpRecountPages } from '../../src/resources/tickets/tickets/recount.repository.ts';
import type { Batch } from '../homes/batch.ts';
import { type ConfiguredHome, configuredHomes } from '../homes/configured-homes.ts';
import { executeIn } from '../homes/execute.ts';
import { fail } from '../process/fail.ts';
import { refuseConsumedOptions } from '../process/options.ts';
import { compareCounts, type RecountPages, repairCounts } from './compare-counts.ts';

refuseConsumedOptions('counts:check', 'remote', 'repair');
const {
  remote = false,
  repair,
  home: wanted,
} = new Command('npm run counts:check --')
  .description('Recounts tickets from the rows and prints each count that differs.')
  .option('--repair', 'make the buckets and their counts anew')
  .option('--home <HOME>', 'the home whose tickets to count (default: all homes)')
  .option('--remote', 'use the deployed databases instead of the local ones')
  .parse()
  .opts<{ remote?: boolean; repair?: boolean; home?: string }>();

/** Returns what executes statements in the database of a home. It ends the script if they fail. */
const executing =
  (home: ConfiguredHome): Batch =>
  (statements) =>
    executeIn(
      home,
      remote,
    )(statements).catch(({ message }: Error) =>
      fail(
        message.includes(`'${MERGED}'`)
          ? `The cron trigger merged buckets of the home ${home.name} meanwhile. Run the command again.`
          : `The home ${home.name} could not be counted. ${message}`,
      ),
    );

/** Returns the counts that differ, of one book of tickets. Prints its progress for a book of several statements. */
function compare(home: ConfiguredHome, what: string, pages: RecountPages): Promise<WrongCount[]> {
  const progress = (done: number, all: number) =>
    done < all && console.log(`${what} in ${home.name}: ${done} of ${all} are counted.`);
  return compareCounts(pages, executing(home), progress);
}

function print(what: string, { partner_id, facet, begun_at, kept, actual }: WrongCount): void {
  const begun = begun_at === BEFORE_ALL_TIME ? 'the beginning' : new Date(begun_at).toISOString();
  const note = kept === actual ? ', too many for one bucket' : '';
  console.log(
    `${what} of partner ${partner_id}, ${facet}, from ${begun}: kept ${kept}, actual ${actual}${note}`,
  );
}

/** The tickets of each list, with the statements that compare and repair their counts. */
const books = [
  ['prepared tickets', preparedRecountPages],
  ['picked-up tickets', pickedUpRecountPages],
] as const;
const homes = configuredHomes().filter(({ name }) => wanted === undefined || name === wanted);
if (homes.length === 0) {
  fail('wrangler.toml has no home with the name after --home.');
}
let [wrong, left] = [0, 0];
for (const home of homes) {
  for (const [what, pages] of books) {
    const found = await compare(home, what, pages);
    for (const count of found) {
      print(what, count);
    }
    wrong += found.length;
    if (found.length > 0 && repair) {
      const partners = new Set(found.map(({ partner_id }) => partner_id));
      await repairCounts(pages, executing(home), partners);
      left += (await compare(home, what, pages)).length;
    }
  }
}
if (wrong === 0) {
  console.log('Every stored count is correct.');
} else if (repair) {
  console.log(`Repaired ${wrong - left} counts; ${left} still differ.`);
  process.exitCode = left === 0 ? 0 : 1;
} else {
  console.log(`${wrong} counts differ. Run with --repair to correct them.`);
  process.exitCode = 1;
}
