/**
 * `npm run counts:check [-- --repair --remote]` compares the stored day counts with the rows that they
 * count. It exits with 1 if a difference is left.
 */
import { Command } from 'commander';
import {
  repairCounts,
  wrongCounts,
} from '../../src/resources/tickets/prepared-tickets/recount.repository.ts';
import { local } from '../dev/local.ts';
import { fail } from '../process/fail.ts';
import { runWrangler } from '../process/wrangler.ts';

interface WrongCount {
  partner_id: number;
  facet: string;
  day: number;
  kept: number;
  actual: number;
}

const { remote, repair } = new Command('npm run counts:check --')
  .description(
    'Recounts the tickets of each day and prints each difference from the stored counts.',
  )
  .option('--repair', 'correct the day counts')
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

const before = await execute<WrongCount>(wrongCounts);
for (const { partner_id, facet, day, kept, actual } of before) {
  const date = new Date(day * 86_400_000).toISOString().slice(0, 10);
  console.log(`partner ${partner_id}, ${facet}, ${date}: stored ${kept}, actual ${actual}`);
}
if (before.length === 0) {
  console.log('Every stored count is correct.');
} else if (repair) {
  await execute(repairCounts);
  const left = await execute<WrongCount>(wrongCounts);
  console.log(`Repaired ${before.length - left.length} counts; ${left.length} still differ.`);
  process.exitCode = left.length === 0 ? 0 : 1;
} else {
  console.log(`${before.length} counts differ. Run with --repair to correct them.`);
  process.exitCode = 1;
}
