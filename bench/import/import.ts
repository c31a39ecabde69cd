/**
 * `npm run bench:import [-- --tickets N] [--singles N]` loads tickets through the API as a partner does
 * that migrates: by batches and syncs of 500, and a smaller sample one by one, by POST and by PUT by reference,
 * in the same run and with as many requests under way. It prints tickets a second of each, the ratios, and the rows
 * written for each ticket, and exits with 1 when one of them is over its budget. The ratio of a machine that does
 * nothing else is steady; rows are exact on any machine. The ratio of fewer tickets than without options
 * is not judged, because it is measured for too short a time.
 */
import { Command } from 'commander';
import { withWorld } from '../../scripts/runtime/world.ts';
import { costOf } from '../measure.ts';
import { multipleOf } from '../options.ts';
import { Progress } from './progress.ts';
import { CONCURRENCY, type Creation, closeConnections, send } from './send.ts';
import { ticketAt, ticketsFrom } from './tickets.ts';

/** The tickets of a batch, and of a sync. */
const MANY = 500;
/** The numbers of tickets without options, from which on the ratio is judged. */
const FULL = { tickets: 100_000, singles: 5_000 };
/** A batch of 500 against single creates, and a sync of 500 against PUTs by reference, tickets a second. */
const LEAST_RATIO = 15;
/** Rows written for each ticket of a batch or a sync. */
const MOST_WRITTEN = 10;
/** Requests of each kind that are sent before anything is measured. */
const WARM_UP = { ofMany: 2, singles: 200 };
/** The API without its log: workerd waits until each line is written, which Cloudflare does not. */
const QUIET = { name: 'quiet', entry: 'bench/throughput/quiet-api.js' };

/** What a load did. */
interface Load {
  readonly ticketsPerSecond: number;
  readonly writtenPerTicket: number;
}

/** A way to create tickets. */
interface Way {
  readonly name: string;
  /** The tickets of a request. */
  readonly size: number;
  /** Returns a request that creates the tickets from a number on. */
  readonly request: (first: number) => Creation;
}

/**
 * Sends requests of one kind, several at a time, until this many tickets are created.
 *
 * @param first the number of the first ticket.
 */
async function load(title: string, tickets: number, way: Way, first: number): Promise<Load> {
  const progress = new Progress(title, tickets);
  const started = performance.now();
  let [next, written] = [0, 0];
  const sender = async () => {
    while (next < tickets) {
      const request = way.request(first + next);
      next += way.size;
      const cost = costOf(await send(request));
      written += cost.written;
      progress.add(way.size);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, sender));
  const seconds = (performance.now() - started) / 1000;
  return { ticketsPerSecond: tickets / seconds, writtenPerTicket: written / tickets };
}

const line = (what: string, { ticketsPerSecond, writtenPerTicket }: Load) =>
  `${what}: ${Math.round(ticketsPerSecond)} tickets a second, ${writtenPerTicket.toFixed(2)} rows written for each`;

const { tickets, singles } = new Command('npm run bench:import --')
  .description(
    'Loads tickets through the API by batches, by syncs and one by one, and compares them.',
  )
  .option(
    '--tickets <NUMBER>',
    'tickets that are created by batches, and by syncs',
    multipleOf(MANY),
    FULL.tickets,
  )
  .option(
    '--singles <NUMBER>',
    'tickets that are created one by one, by POST and by PUT',
    multipleOf(1),
    FULL.singles,
  )
  .parse()
  .opts<{ tickets: number; singles: number }>();

/** Returns the ways to create tickets: one by one, and many in a request. */
function waysOf(origin: string, headers: Creation['headers']) {
  const collection = `${origin}/v2/tickets`;
  const post = (path: string, body: unknown, status: 200 | 201 = 201): Creation => ({
    method: 'POST',
    url: `${collection}/${path}`,
    headers: {
      ...headers,
      ...(status === 201 && { 'idempotency-key': `"${crypto.randomUUID()}"` }),
    },
    body,
    status,
  });
  const many = (first: number) => ({ prepared_tickets: ticketsFrom(first, MANY) });
  const ways: Record<'single' | 'byReference' | 'batch' | 'sync', Way> = {
    single: {
      name: 'one by one',
      size: 1,
      request: (first) => post('prepared-tickets', ticketAt(first)),
    },
    byReference: {
      name: 'one by one with PUT by reference',
      size: 1,
      request: (first) => {
        const body = ticketAt(first);
        const url = `${collection}/prepared-tickets/by-reference/${body.preparer_external_reference}`;
        return { method: 'PUT', url, headers, body, status: 201 };
      },
    },
    batch: {
      name: `by batches of ${MANY}`,
      size: MANY,
      request: (first) => post('prepared-ticket-batches', many(first)),
    },
    sync: {
      name: `by syncs of ${MANY}`,
      size: MANY,
      // A sync needs no key.
      request: (first) => post('prepared-ticket-syncs', many(first), 200),
    },
  };
  return ways;
}

/** Prints how much faster one way is. @returns what is over its budget. */
function faultsOf(name: string, many: Load, one: Load): string[] {
  const ratio = many.ticketsPerSecond / one.ticketsPerSecond;
  const isFull = tickets >= FULL.tickets && singles >= FULL.singles;
  console.log(
    `${name} are ${ratio.toFixed(1)} times as fast (${isFull ? `budget ${LEAST_RATIO}` : 'too short to judge'}), with ${CONCURRENCY} requests under way.`,
  );
  return [
    ...(isFull && ratio < LEAST_RATIO ? [`${name}: the ratio is under ${LEAST_RATIO}.`] : []),
    ...(many.writtenPerTicket > MOST_WRITTEN
      ? [`${name}: a ticket writes more than ${MOST_WRITTEN} rows.`]
      : []),
  ];
}

await withWorld([QUIET], { EXPOSE_COST: 'true' }, async (world) => {
  const origin = await world.origin(QUIET.name);
  const headers = await world.headers('big');
  const ways = waysOf(origin, headers);
  let created = 0;
  const create = async (way: Way, count: number, title = `Tickets ${way.name}`) => {
    const done = await load(title, count, way, created);
    created += count;
    return done;
  };
  for (const way of Object.values(ways)) {
    const count = way.size === 1 ? WARM_UP.singles : WARM_UP.ofMany * MANY;
    await create(way, count, 'Warming up');
  }
  // First, while the indexes are small: the other order would make single creates look slower.
  const single = await create(ways.single, singles);
  const byReference = await create(ways.byReference, singles);
  const batch = await create(ways.batch, tickets);
  const sync = await create(ways.sync, tickets);
  closeConnections();
  const list = await fetch(`${origin}/v2/tickets/prepared-tickets?limit=0`, { headers });
  const { total } = (await list.json()) as { total: number };
  console.log(line(`${singles} tickets ${ways.single.name}`, single));
  console.log(line(`${singles} tickets ${ways.byReference.name}`, byReference));
  console.log(line(`${tickets} tickets ${ways.batch.name}`, batch));
  console.log(line(`${tickets} tickets ${ways.sync.name}`, sync));
  const faults = [
    ...faultsOf('Batches', batch, single),
    ...faultsOf('Syncs', sync, byReference),
    ...(total === created ? [] : [`${created} tickets were created, and the list has ${total}.`]),
  ];
  for (const fault of faults) {
    console.log(`OVER  ${fault}`);
  }
  process.exitCode = faults.length > 0 ? 1 : 0;
});
