/**
 * `npm run bench:import [-- --tickets N] [--singles N]` loads tickets through the API as a partner does
 * that migrates: by batches of 500, and a smaller sample one by one, in the same run and with as many
 * requests under way. It prints tickets a second of both, their ratio, and the rows written for each
 * ticket, and exits with 1 when one of them is over its budget. The ratio of a machine that does
 * nothing else is steady; rows are exact on any machine. The ratio of fewer tickets than without options
 * is not judged, because it is measured for too short a time.
 */
import { Command } from 'commander';
import { withWorld } from '../../scripts/runtime/world.ts';
import { costOf } from '../measure.ts';
import { multipleOf } from '../options.ts';
import { Progress } from './progress.ts';
import { CONCURRENCY, closeConnections, post } from './send.ts';
import { ticketAt, ticketsFrom } from './tickets.ts';

const BATCH = 500;
/** The numbers of tickets without options, from which on the ratio is judged. */
const FULL = { tickets: 100_000, singles: 5_000 };
/** A batch of 500 against single creates, tickets a second. */
const LEAST_RATIO = 15;
/** Rows written for each ticket of a batch. */
const MOST_WRITTEN = 10;
/** Requests of each kind that are sent before anything is measured. */
const WARM_UP = { batches: 2, singles: 200 };
/** The API without its log: workerd waits until each line is written, which Cloudflare does not. */
const QUIET = { name: 'quiet', entry: 'bench/throughput/quiet-api.js' };

/** What a load did. */
interface Load {
  readonly ticketsPerSecond: number;
  readonly writtenPerTicket: number;
}

/**
 * Sends requests of `size` tickets each, several at a time, until this many tickets are created.
 *
 * @param send sends the tickets from a number on, and returns the Server-Timing of the response.
 */
async function load(
  title: string,
  tickets: number,
  size: number,
  send: (first: number) => Promise<string>,
): Promise<Load> {
  const progress = new Progress(title, tickets);
  const started = performance.now();
  let [next, written] = [0, 0];
  const sender = async () => {
    while (next < tickets) {
      const first = next;
      next += size;
      const cost = costOf(await send(first));
      written += cost.written;
      progress.add(size);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, sender));
  const seconds = (performance.now() - started) / 1000;
  return { ticketsPerSecond: tickets / seconds, writtenPerTicket: written / tickets };
}

const line = (what: string, { ticketsPerSecond, writtenPerTicket }: Load) =>
  `${what}: ${Math.round(ticketsPerSecond)} tickets a second, ${writtenPerTicket.toFixed(2)} rows written for each`;

const { tickets, singles } = new Command('npm run bench:import --')
  .description('Loads tickets through the API by batches and one by one, and compares them.')
  .option(
    '--tickets <NUMBER>',
    'tickets that are created by batches',
    multipleOf(BATCH),
    FULL.tickets,
  )
  .option('--singles <NUMBER>', 'tickets that are created one by one', multipleOf(1), FULL.singles)
  .parse()
  .opts<{ tickets: number; singles: number }>();

await withWorld([QUIET], { EXPOSE_COST: 'true' }, async (world) => {
  const origin = `${await world.origin(QUIET.name)}/v2/tickets`;
  const headers = await world.headers('big');
  let created = 0;
  const batch = () => {
    const body = { prepared_tickets: ticketsFrom(created, BATCH) };
    created += BATCH;
    return post({ url: `${origin}/prepared-ticket-batches`, headers, body });
  };
  const single = () => {
    const body = ticketAt(created);
    created += 1;
    return post({ url: `${origin}/prepared-tickets`, headers, body });
  };
  await load('Warming up', WARM_UP.singles, 1, single);
  await load('Warming up', WARM_UP.batches * BATCH, BATCH, batch);
  // First, while the indexes are small: the other order would make single creates look slower.
  const oneByOne = await load('One by one', singles, 1, single);
  const byBatches = await load('By batches', tickets, BATCH, batch);
  closeConnections();
  const list = await fetch(`${origin}/prepared-tickets?limit=0`, { headers });
  const { total } = (await list.json()) as { total: number };
  const ratio = byBatches.ticketsPerSecond / oneByOne.ticketsPerSecond;
  const isFull = tickets >= FULL.tickets && singles >= FULL.singles;
  const faults = [
    ...(isFull && ratio < LEAST_RATIO ? [`The ratio is under ${LEAST_RATIO}.`] : []),
    ...(byBatches.writtenPerTicket > MOST_WRITTEN
      ? [`A ticket of a batch writes more than ${MOST_WRITTEN} rows.`]
      : []),
    ...(total === created ? [] : [`${created} tickets were created, and the list has ${total}.`]),
  ];
  console.log(line(`${tickets} tickets by batches of ${BATCH}`, byBatches));
  console.log(line(`${singles} tickets one by one`, oneByOne));
  console.log(
    `Batches are ${ratio.toFixed(1)} times as fast (${isFull ? `budget ${LEAST_RATIO}` : 'too short to judge'}), with ${CONCURRENCY} requests under way.`,
  );
  for (const fault of faults) {
    console.log(`OVER  ${fault}`);
  }
  process.exitCode = faults.length > 0 ? 1 : 0;
});
