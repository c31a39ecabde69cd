/**
 * `npm run bench [-- --tickets N] [--days N] [--homes]` holds each operation to its budget of D1 round trips, rows
 * read and rows written, over HTTP and on a partner of a million tickets. The figures are exact, so they
 * are the same on any machine; the milliseconds beside them are not. With `--homes` the API has two homes, and the
 * partners live in the one beside `main`. With `--deleted SHARE` it deletes
 * that share and compares the lists with those of a partner that never had more than the rest. With `--latency MS` it
 * prints how long a caller waits whose database is that far away.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { EU, type World, withWorld } from '../scripts/runtime/world.ts';
import { fill, fillPickedUp } from './dataset.ts';
import { compareAfterDeletions } from './deletions.ts';
import { exports } from './exports.ts';
import { printLatencies } from './latency/latency.ts';
import { countedLists, pickedUpLists } from './lists.ts';
import { matchedLists } from './matched-lists.ts';
import { Caller, CostLog } from './measure.ts';
import { measureAll } from './operations.ts';
import { multipleOf } from './options.ts';
import { pickedUpTickets } from './picked-up-tickets.ts';
import { isOver, markdownTable, table } from './report.ts';
import { batchesAndEvents, refusals, singleTickets } from './single-tickets.ts';
import { syncs } from './syncs.ts';

const RESULTS = 'bench/results';

function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1)) {
    throw new InvalidArgumentError('Write a number between 0 and 1.');
  }
  return value;
}

const { tickets, days, deleted, homes, latency } = new Command('npm run bench --')
  .description('Holds each operation to its budget of D1 round trips and rows.')
  .option('--tickets <NUMBER>', 'tickets of the measured partner', multipleOf(1000), 1_000_000)
  .option('--days <NUMBER>', 'days over which the tickets are spread', multipleOf(1), 730)
  .option(
    '--deleted <SHARE>',
    'deletes this share and compares the lists with those of the rest',
    share,
  )
  .option(
    '--homes',
    'gives the API two homes, and measures a partner of the one beside main',
    false,
  )
  .option(
    '--latency <MS>',
    'prints the p50 of requests whose D1 calls each take so much longer',
    multipleOf(1),
  )
  .parse()
  .opts<{
    tickets: number;
    days: number;
    deleted?: number;
    homes: boolean;
    latency?: number;
  }>();
const started = performance.now();
const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;

/** Holds each operation to its budget. @returns whether all keep to theirs. */
async function holdToBudgets(world: World, log: CostLog): Promise<boolean> {
  const dataset = await fill(world.database, tickets, days, world.firstId);
  console.log(
    `${tickets} tickets of one partner over ${days} days, a hundredth of another: ${seconds()}`,
  );
  await fillPickedUp(world.database, dataset);
  console.log(`as many picked-up tickets: ${seconds()}`);
  const caller = await Caller.of(world, 'big', { log });
  const other = await world.headers('other');
  const operations = [
    ...(await countedLists(world.database, dataset)),
    ...(await matchedLists(world.database, dataset)),
    ...(await countedLists(world.database, dataset, pickedUpLists)),
    ...(await pickedUpTickets(world.database, dataset)),
    ...singleTickets(dataset),
    ...exports(dataset),
    ...batchesAndEvents(dataset),
    ...syncs(),
    ...refusals(other['x-api-key'] as string),
  ];
  const rows = await measureAll(caller, operations);
  console.log(table(rows));
  const over = rows.filter(isOver).length;
  console.log(
    `${rows.length - over} operations are within their budgets, ${over} exceed them. It took ${seconds()}.`,
  );
  mkdirSync(RESULTS, { recursive: true });
  const file = `${RESULTS}/${tickets}-${days}${homes ? '-homes' : ''}`;
  writeFileSync(`${file}.json`, `${JSON.stringify(rows, null, 2)}\n`);
  writeFileSync(`${file}.md`, markdownTable(rows));
  return over === 0;
}

/** Does what the options ask for. @returns whether all operations keep to their budgets. */
async function run(): Promise<boolean> {
  if (latency !== undefined) {
    await printLatencies(tickets, days, latency);
    return true;
  }
  if (deleted !== undefined) {
    return compareAfterDeletions(tickets, days, deleted);
  }
  const log = new CostLog();
  const hold = (world: World) => holdToBudgets(world, log);
  return withWorld([], { EXPOSE_COST: 'true' }, hold, log.add, homes ? EU : undefined);
}

process.exitCode = (await run()) ? 0 : 1;
