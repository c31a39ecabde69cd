/**
 * `npm run counts:check [-- --repair --remote]` compares the stored counts of prepared and picked-up
 * tickets with the rows that they count. It exits with 1 if a difference is left.
 */
import { Command } from 'commander';
import {
  repairCounts as repairPrepared,
  wrongCounts as wrongPrepared,
} from '../../src/resources/tickets/prepared-tickets/recount.repository.ts';
import { pickedUpRecount } from '../../src/resources/tickets/tickets/recount.repository.ts';
import { local } from '../dev/local.ts';
import { fail } from '../process/fail.ts';
import { runWrangler } from '../process/wrangler.ts';

interface WrongCount {
  partner_id: number;
  facet: string;
  begun_at: number;
  kept: number;
  actual: number;
}

const { remote, repair } = new Command('npm run counts:check --')
  .description('Recounts tickets from the rows and prints each count that differs.')
  .option('--repair', 'make the buckets and their counts anew')
  .option('--remote', 'use the deployed database instead of the local one')
  .parse()
  .opts<{ remote?: boolean; repair?: boolean }>();
const target = remote ? ['--remote', '--yes'] : ['--local', '--persist-to', local.database];

/** Runs one statement and returns its rows. */
async function execute<Row>(sql: string): Promise<Row[]> {
  const command = ['d1', 'execute', 'DB', ...target, '--json', '--command', sql];
  const { code, stdout, stderr } = await runWrangler(command);
  if (code !== 0) {
    fail(`The database could not be queried: ${stderr}${stdout}`);
  }
  const [first] = JSON.parse(stdout) as [{ results: Row[] }];
  return first.results;
}

/** The counts that differ, of one book of tickets. */
async function wrongCountsOf(wrongCounts: string, what: string): Promise<WrongCount[]> {
  const wrong = await execute<WrongCount>(wrongCounts);
  for (const { partner_id, facet, begun_at, kept, actual } of wrong) {
    const begun = new Date(begun_at).toISOString();
    console.log(
      `${what} of partner ${partner_id}, ${facet}, from ${begun}: kept ${kept}, actual ${actual}`,
    );
  }
  return wrong;
}

const books = [
  { what: 'prepared tickets', wrongCounts: wrongPrepared, repairCounts: repairPrepared },
  { what: 'picked-up tickets', ...pickedUpRecount },
];
let [wrong, left] = [0, 0];
for (const { what, wrongCounts, repairCounts } of books) {
  const before = (await wrongCountsOf(wrongCounts, what)).length;
  wrong += before;
  if (before > 0 && repair) {
    await execute(repairCounts.join(';\n'));
    left += (await execute<WrongCount>(wrongCounts)).length;
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
