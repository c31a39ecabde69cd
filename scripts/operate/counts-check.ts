/**
 * `npm run counts:check [-- --repair --home eu --remote]` compares the stored counts of prepared and picked-up
 * tickets with the rows that they count. It exits with 1 if a difference is left.
 */
import { Command } from 'commander';
import {
  repairCounts as repairPrepared,
  wrongCounts as wrongPrepared,
} from '../../src/resources/tickets/prepared-tickets/recount.repository.ts';
import { pickedUpRecount } from '../../src/resources/tickets/tickets/recount.repository.ts';
import { type ConfiguredHome, configuredHomes } from '../homes/configured-homes.ts';
import { execute, rowsOf } from '../homes/execute.ts';
import { fail } from '../process/fail.ts';
import { refuseConsumedOptions } from '../process/options.ts';

interface WrongCount {
  partner_id: number;
  facet: string;
  begun_at: number;
  kept: number;
  actual: number;
}

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

/** Runs statements in the database of a home and returns the rows of the first. */
async function run<Row>(home: ConfiguredHome, statements: readonly string[]): Promise<Row[]> {
  const [first] = await execute(home, remote, statements).catch((error: Error) =>
    fail(`The home ${home.name} could not be counted. ${error.message}`),
  );
  return rowsOf<Row>(first);
}

/** Prints and counts the counts that differ, of one book of tickets. */
async function wrongCountsOf(home: ConfiguredHome, { what, wrongCounts }: Book): Promise<number> {
  const wrong = await run<WrongCount>(home, [wrongCounts]);
  for (const { partner_id, facet, begun_at, kept, actual } of wrong) {
    const begun = new Date(begun_at).toISOString();
    console.log(
      `${what} of partner ${partner_id}, ${facet}, from ${begun}: kept ${kept}, actual ${actual}`,
    );
  }
  return wrong.length;
}

/** The tickets of one list, with the statements that compare and repair their counts. */
interface Book {
  readonly what: string;
  readonly wrongCounts: string;
  readonly repairCounts: readonly string[];
}

const books: readonly Book[] = [
  { what: 'prepared tickets', wrongCounts: wrongPrepared, repairCounts: repairPrepared },
  { what: 'picked-up tickets', ...pickedUpRecount },
];
const homes = configuredHomes().filter(({ name }) => wanted === undefined || name === wanted);
if (homes.length === 0) {
  fail('wrangler.toml has no home with the name after --home.');
}
let [wrong, left] = [0, 0];
for (const home of homes) {
  for (const book of books) {
    const before = await wrongCountsOf(home, book);
    wrong += before;
    if (before > 0 && repair) {
      await run(home, book.repairCounts);
      left += (await run(home, [book.wrongCounts])).length;
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
