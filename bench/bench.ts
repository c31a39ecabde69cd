/**
 * `npm run bench [-- --tickets N] [--days N]` holds each operation to its budget of D1 round trips, rows read and
 * rows written, over HTTP and on a partner of a million tickets. The figures are exact, so they are
 * the same on any machine; the milliseconds beside them are not.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { withWorld } from '../scripts/runtime/world.ts';
import { fill } from './dataset.ts';
import { countedLists } from './lists.ts';
import { matchedLists } from './matched-lists.ts';
import { Caller, type Measured } from './measure.ts';
import type { Operation } from './operations.ts';
import { isOver, type Row, table } from './report.ts';
import { refusals, singleTickets } from './single-tickets.ts';

const RESULTS = 'bench/results';

function ticketCount(text: string): number {
  const tickets = Number(text);
  if (!Number.isInteger(tickets) || tickets < 1000 || tickets % 1000 !== 0) {
    throw new InvalidArgumentError('Write a multiple of 1000.');
  }
  return tickets;
}

function dayCount(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1) {
    throw new InvalidArgumentError('Write a number of days from 1.');
  }
  return days;
}

async function measure(caller: Caller, { name, budget, samples }: Operation): Promise<Row> {
  const measured: Measured[] = [];
  for (const sample of samples) {
    measured.push(await caller.measure(sample));
  }
  return { name, budget, measured };
}

const { tickets, days } = new Command('npm run bench --')
  .description('Holds each operation to its budget of D1 round trips and rows.')
  .option('--tickets <NUMBER>', 'tickets of the measured partner', ticketCount, 1_000_000)
  .option('--days <NUMBER>', 'days over which the tickets are spread', dayCount, 730)
  .parse()
  .opts<{ tickets: number; days: number }>();
const started = performance.now();
const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;

await withWorld([], { EXPOSE_COST: 'true' }, async (world) => {
  const dataset = await fill(world.database, tickets, days);
  console.log(
    `${tickets} tickets of one partner over ${days} days, a hundredth of another: ${seconds()}`,
  );
  const caller = await Caller.of(world, 'big');
  const other = await world.headers('other');
  const operations = [
    ...(await countedLists(world.database, dataset)),
    ...(await matchedLists(world.database, dataset)),
    ...singleTickets(dataset),
    ...refusals(other['x-api-key'] as string),
  ];
  const rows: Row[] = [];
  for (const operation of operations) {
    rows.push(await measure(caller, operation));
  }
  console.log(table(rows));
  const over = rows.filter(isOver).length;
  console.log(
    `${rows.length - over} operations are within their budgets, ${over} exceed them. It took ${seconds()}.`,
  );
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(`${RESULTS}/${tickets}-${days}.json`, `${JSON.stringify(rows, null, 2)}\n`);
  process.exitCode = over > 0 ? 1 : 0;
});
