/** `npm run counts:check [-- --repair --remote]` exits with 1 when a difference is left. */
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
  .description('Recounts the day counts from the rows and prints each difference.')
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
  const [answer] = JSON.parse(stdout) as [{ results: Row[] }];
  return answer.results;
}

const before = await execute<WrongCount>(wrongCounts);
for (const { partner_id, facet, day, kept, actual } of before) {
  const date = new Date(day * 86_400_000).toISOString().slice(0, 10);
  console.log(`partner ${partner_id}, ${facet}, ${date}: kept ${kept}, actual ${actual}`);
}
if (before.length === 0) {
  console.log('Every count agrees with its rows.');
} else if (repair) {
  await execute(repairCounts);
  const left = await execute<WrongCount>(wrongCounts);
  console.log(`Repaired ${before.length - left.length} counts, ${left.length} left.`);
  process.exitCode = left.length === 0 ? 0 : 1;
} else {
  console.log(`${before.length} counts differ; --repair corrects them.`);
  process.exitCode = 1;
}
