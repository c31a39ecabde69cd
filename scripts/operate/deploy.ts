/**
 * `npm run deploy` checks that each binding leads to the database of its home, migrates every home in order, and then
 * uploads the Worker. It stops at the first fault. `-- --rehearse` does the same on the local databases, and bundles the
 * Worker without uploading it.
 */
import { Command } from 'commander';
import { type ConfiguredHome, configuredHomes } from '../homes/configured-homes.ts';
import { type HomeState, readHomeState } from '../homes/home-state.ts';
import { migrateHome } from '../homes/migrate-home.ts';
import { fail } from '../process/fail.ts';
import { refuseConsumedOptions } from '../process/options.ts';
import { showWrangler } from '../process/wrangler.ts';

refuseConsumedOptions('deploy', 'rehearse', 'dry-run');
const { rehearse } = new Command('npm run deploy --')
  .description('Migrates the database of every home, and then uploads the Worker.')
  .option('--rehearse', 'migrate the local databases, and bundle the Worker without uploading it')
  .parse()
  .opts<{ rehearse?: boolean }>();
const remote = rehearse !== true;

/** Returns the states of the homes. Ends the script unless every database can be used as its home. */
async function statesOf(homes: readonly ConfiguredHome[]): Promise<HomeState[]> {
  const states = await Promise.all(homes.map((home) => readHomeState(home, remote)));
  const faults = states.flatMap(({ home, fault }) =>
    fault === undefined ? [] : [`The home ${home.name} is not ready. ${fault}`],
  );
  if (faults.length > 0) {
    fail(`${faults.join('\n')}\nNothing was migrated and nothing was uploaded.`);
  }
  return states;
}

/** Migrates the database of a home, and ends the script unless it then has every migration. */
async function migrate(home: ConfiguredHome): Promise<void> {
  console.log(`Migrating the home ${home.name}.`);
  await migrateHome(home, remote).catch((error: Error) =>
    fail(`${error.message}\nNothing was uploaded.`),
  );
  const { fault, missing } = await readHomeState(home, remote);
  if (fault !== undefined || missing.length > 0) {
    const lacks = fault ?? `It lacks migrations: ${missing.join(', ')}.`;
    fail(`The home ${home.name} is not ready. ${lacks}\nNothing was uploaded.`);
  }
}

const states = await statesOf(configuredHomes());
for (const { home } of states.filter(({ missing }) => missing.length > 0)) {
  await migrate(home);
}
console.log(`Every home has all migrations: ${states.map(({ home }) => home.name).join(', ')}.`);
process.exitCode = await showWrangler(['deploy', ...(remote ? [] : ['--dry-run'])]);
