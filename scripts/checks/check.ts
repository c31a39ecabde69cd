/**
 * `npm run check [-- NAME ... | -- --except NAME ...]` starts the API once and runs the named checks against it, or all
 * checks.
 * The checks of a fresh clone, of `npm run dev`, of a crash, of homes, of the rotation of secrets and of webhooks
 * start their own servers.
 */
import { Argument, Command, Option } from 'commander';
import { withLocalServer } from '../dev/local-server.ts';
import { fail } from '../process/fail.ts';
import * as all from './all.ts';

const checks = { ...all };
const names = Object.keys(checks) as (keyof typeof checks)[];
const command = new Command('npm run check --')
  .description('Starts the API and checks it from the view of its users.')
  .addArgument(
    new Argument('[checks...]', 'the checks to run').choices(names).default(names, 'all'),
  )
  .addOption(
    new Option('--except <checks...>', 'the checks to leave out')
      .choices(names)
      .default([], 'none'),
  )
  .addOption(
    new Option('--at-once <number>', 'how many checks run at the same time')
      .argParser(Number)
      .default(1),
  )
  .parse();
const [requested] = command.processedArgs as [typeof names];
const { except, atOnce } = command.opts<{ except: typeof names; atOnce: number }>();

await withLocalServer(async (server) => {
  const left = requested.filter((one) => !except.includes(one)).values();
  const runSome = async () => {
    // All loops take from the same iterator.
    for (const name of left) {
      const begun = Date.now();
      const faults = await checks[name](server, names).catch((error: Error) => [error.message]);
      const seconds = ((Date.now() - begun) / 1000).toFixed(1).padStart(6);
      console.log(`${faults.length === 0 ? 'ok    ' : 'FAILED'} ${seconds} s check:${name}`);
      for (const fault of faults) {
        console.error(fault);
        process.exitCode = 1;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, runSome));
}).catch((error: Error) => fail(error.message));
