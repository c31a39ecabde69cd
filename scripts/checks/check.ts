/**
 * `npm run check [-- NAME ...]` starts the API once and runs the named checks against it, or all checks.
 * The checks of a fresh clone, of `npm run dev`, of a crash, of homes, of the rotation of secrets and of webhooks
 * start their own servers.
 */
import { Argument, Command } from 'commander';
import { withLocalServer } from '../dev/local-server.ts';
import { fail } from '../process/fail.ts';
import * as all from './all.ts';

const checks = { ...all };
const names = Object.keys(checks) as (keyof typeof checks)[];
const [requested] = new Command('npm run check --')
  .description('Starts the API and checks it from the view of its users.')
  .addArgument(
    new Argument('[checks...]', 'the checks to run').choices(names).default(names, 'all'),
  )
  .parse().processedArgs as [typeof names];

await withLocalServer(async (server) => {
  for (const name of names.filter((known) => requested.includes(known))) {
    const faults = await checks[name](server, names).catch((error: Error) => [error.message]);
    console.log(`${faults.length === 0 ? 'ok    ' : 'FAILED'} check:${name}`);
    for (const fault of faults) {
      console.error(fault);
      process.exitCode = 1;
    }
  }
}).catch((error: Error) => fail(error.message));
