/**
 * `npm run homes [-- --remote]` shows the state of each home. It exits with 1 if one cannot be used.
 * `npm run homes -- claim NAME [--remote]` makes a new database that of a home of wrangler.toml.
 * `npm run homes -- remove-events NAME [--days N] [--remote]` makes room in a home.
 */
import { Command, InvalidArgumentError } from 'commander';
import { formatDateTime } from '../../src/http/fields/date-time.ts';
import { claimHome } from '../homes/claim-home.ts';
import { type ConfiguredHome, configuredHomes } from '../homes/configured-homes.ts';
import { executeIn } from '../homes/execute.ts';
import { type HomeContents, type HomeState, readHomeState } from '../homes/home-state.ts';
import { removeOldEvents } from '../homes/old-events.ts';
import { counted } from '../partner/view.ts';
import { fail } from '../process/fail.ts';
import { refuseConsumedOptions } from '../process/options.ts';

/** What the options of both commands select. */
interface Options {
  readonly remote?: boolean;
}

const GIGABYTE = 1_000_000_000;
const DAY_MS = 86_400_000;

/** Returns the lines about what a home contains. */
function contentLines({ sizeBytes, partners, newestEvent, deniedHosts }: HomeContents): string[] {
  const size = sizeBytes === undefined ? 'not stated' : `${(sizeBytes / GIGABYTE).toFixed(3)} GB`;
  const newest = newestEvent === null ? 'none' : formatDateTime(newestEvent);
  return [
    `size:          ${size}`,
    `partners:      ${partners}`,
    `newest event:  ${newest}`,
    `denied hosts:  ${deniedHosts.length}`,
  ];
}

/** Returns what is wrong with a home: one sentence for each fault. To claim a database also migrates it. */
function faultsOf({ fault, isUnclaimed, missing }: HomeState): string[] {
  const lacks = `It lacks ${counted(missing.length, 'migration')}, from ${missing[0]} on. Run \`npm run deploy\`.`;
  return [
    ...(fault === undefined ? [] : [fault]),
    ...(missing.length === 0 || isUnclaimed ? [] : [lacks]),
  ];
}

function print(state: HomeState): void {
  const { name, number, binding, jurisdiction } = state.home;
  const where = jurisdiction === undefined ? '' : `, jurisdiction ${jurisdiction}`;
  console.log(`${name}, number ${number}, binding ${binding}${where}`);
  const faults = faultsOf(state);
  const lines = [
    `state:         ${faults.length === 0 ? 'ready' : faults.join(' ')}`,
    ...(state.contents === undefined ? [] : contentLines(state.contents)),
  ];
  console.log(lines.map((line) => `  ${line}`).join('\n'));
}

/** Returns a sentence for each host that some homes deny and others do not. */
function differingHosts(states: readonly HomeState[]): string[] {
  const lists = states.flatMap(({ home, contents }) =>
    contents === undefined ? [] : [{ name: home.name, hosts: new Set(contents.deniedHosts) }],
  );
  const all = new Set(lists.flatMap(({ hosts }) => [...hosts]));
  return [...all].toSorted().flatMap((host) => {
    const without = lists.filter(({ hosts }) => !hosts.has(host)).map(({ name }) => name);
    return without.length === 0
      ? []
      : [
          `${host} is not denied in ${without.join(', ')}. Run \`npm run partner -- hosts deny ${host}\`, or \`hosts allow\`.`,
        ];
  });
}

async function show({ remote = false }: Options): Promise<void> {
  const states = await Promise.all(configuredHomes().map((home) => readHomeState(home, remote)));
  states.forEach(print);
  const differing = differingHosts(states);
  for (const sentence of differing) {
    console.log(sentence);
  }
  if (differing.length > 0 || states.some((state) => faultsOf(state).length > 0)) {
    process.exitCode = 1;
  }
}

/** Returns the home with a name. Ends the script if there is none. */
function homeNamed(name: string): ConfiguredHome {
  const homes = configuredHomes();
  const names = homes.map((each) => each.name).join(', ');
  return (
    homes.find((each) => each.name === name) ??
    fail(`HOMES in wrangler.toml has no home with that name. It has ${names}.`)
  );
}

async function claim(name: string, { remote = false }: Options): Promise<void> {
  console.log(await claimHome(homeNamed(name), remote));
}

interface RemovalOptions extends Options {
  readonly days: number;
}

async function removeEvents(name: string, { remote = false, days }: RemovalOptions) {
  const home = homeNamed(name);
  const progress = (removed: number) => console.log(`Removed ${counted(removed, 'event')} so far.`);
  const before = Date.now() - days * DAY_MS;
  const removed = await removeOldEvents(executeIn(home, remote), before, progress);
  const age = counted(days, 'day');
  console.log(`Removed ${counted(removed, 'event')} older than ${age} from the home ${name}.`);
}

/** Parses a number of days. */
function daysOf(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) {
    throw new InvalidArgumentError('Write a number from 1 to 9999.');
  }
  return Number(text);
}

refuseConsumedOptions('homes', 'remote', 'days');

const REMOTE = ['--remote', 'use the deployed databases instead of the local ones'] as const;
const program = new Command('npm run homes --')
  .description(
    'Shows the state of each home, claims a new database for one, and makes room in one.',
  )
  .helpCommand(false)
  .enablePositionalOptions();
program
  .command('show', { isDefault: true })
  .description('Shows whether each home answers, what it lacks, and what it contains.')
  .option(...REMOTE)
  .action(show);
program
  .command('claim')
  .description(
    'Makes a new database that of a home of wrangler.toml, and applies the migrations to it.',
  )
  .argument('<home>', 'the name of the home')
  .option(...REMOTE)
  .action(claim);
program
  .command('remove-events')
  .description('Removes events that are old, but never the newest one of a partner.')
  .argument('<home>', 'the name of the home')
  .option('--days <NUMBER>', 'the age from which on events are old', daysOf, 14)
  .option(...REMOTE)
  .action(removeEvents);
await program.parseAsync().catch((error: Error) => fail(error.message));
