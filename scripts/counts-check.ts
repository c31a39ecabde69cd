/**
 * `npm run counts:check [-- --repair] [--remote]` recounts the day counts from the rows and prints
 * each difference; with `--repair` it sets them right. Exits 1 when a difference is left.
 */
import { parseArgs } from 'node:util';
import {
  repairCounts,
  wrongCounts,
} from '../src/resources/tickets/prepared-tickets/recount.repository.ts';
import { fail } from './fail.ts';
import { local } from './local.ts';
import { runWrangler } from './wrangler.ts';

interface WrongCount {
  partner_id: number;
  facet: string;
  day: number;
  kept: number;
  actual: number;
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        remote: { type: 'boolean', default: false },
        repair: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    return fail(
      `${(error as Error).message}\nUsage: npm run counts:check [-- --repair] [-- --remote]`,
    );
  }
}

const { remote, repair } = options();
const target = remote ? ['--remote', '--yes'] : ['--local', '--persist-to', local.database];

/** Runs one statement and gives its rows. */
async function execute<Row>(sql: string): Promise<Row[]> {
  const command = ['d1', 'execute', 'DB', ...target, '--json', '--command', sql];
  const { code, stdout, stderr } = await runWrangler(command);
  if (code !== 0) {
    fail(`The database could not be asked: ${stderr}${stdout}`);
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
  console.log(`${before.length} counts differ; --repair sets them right.`);
  process.exitCode = 1;
}
