/**
 * `npm run bench:throughput [-- --tickets N] [--rounds N]` compares the API with a bare Worker that runs the
 * same D1 queries. Both run alternately in one workerd process, so their ratio does not depend on the machine.
 * The budget applies to requests per wall-clock time, so run it on an otherwise idle machine. If the operating
 * system reports the CPU time of workerd, the ratio by CPU time is printed too. It is more stable and slightly
 * stricter, because it excludes waiting.
 *
 * The budget applies to the API without its log, because workerd writes each log line to a pipe and waits
 * for it, which Cloudflare does not. The API with its log is measured for comparison.
 */
import { Command } from 'commander';
import { API, withWorld } from '../../scripts/runtime/world.ts';
import { fill, idOf } from '../dataset.ts';
import { multipleOf } from '../options.ts';
import { type Comparison, compare, type Result } from './compare.ts';
import { endLoad } from './load.ts';
import { recordedReads } from './recorded-reads.ts';
import { workerdClock } from './workerd-clock.ts';

/** The rounds without options, from which on the ratio is judged. Fewer are over before it is steady. */
const FULL_ROUNDS = 60;
const BARE = { name: 'bare', entry: 'bench/throughput/worker.ts' };
const QUIET = { name: 'quiet', entry: 'bench/throughput/quiet-api.js' };

function line(clock: string, { api, bare, ratio, quartiles }: Result): string {
  const spread = quartiles.map((value) => value.toFixed(3)).join(' to ');
  const microseconds = 1e6 / api - 1e6 / bare;
  return (
    `      ${ratio.toFixed(3)} by ${clock} (middle half of the rounds: ${spread}); ` +
    `API ${Math.round(api)}/s, bare ${Math.round(bare)}/s, ${Math.round(microseconds)} µs per request`
  );
}

/** Prints a comparison by each clock. @returns the ratio by wall-clock time. */
async function measure(title: string, comparison: Comparison): Promise<number> {
  const cpu = workerdClock();
  const clocks = [
    { name: 'wall-clock time', now: () => performance.now() },
    ...(cpu ? [{ name: "workerd's CPU time", now: cpu }] : []),
  ];
  console.log(title);
  const results = await compare(
    comparison,
    clocks.map(({ now }) => now),
    rounds,
  );
  for (const [i, { name }] of clocks.entries()) {
    console.log(line(name, results[i] as Result));
  }
  return (results[0] as Result).ratio;
}

const { tickets, rounds } = new Command('npm run bench:throughput --')
  .description('Compares the API with a bare Worker that sends the same queries to D1.')
  .option('--tickets <NUMBER>', 'tickets of the partner', multipleOf(1000), 10_000)
  .option('--rounds <NUMBER>', 'turns of each Worker', multipleOf(1), FULL_ROUNDS)
  .parse()
  .opts<{ tickets: number; rounds: number }>();

const reads = await recordedReads();
const operations = [
  { name: 'GET one', path: `/${idOf.ticket(77)}`, bare: '/one', budget: 0.85 },
  { name: 'a list page of 25', path: '', bare: '/list', budget: 0.75 },
];
const variables = { READS: JSON.stringify({ '/one': reads.one, '/list': reads.list }) };
await withWorld([BARE, QUIET], variables, async ({ database, origin, headers }) => {
  await fill(database, tickets, 730);
  const authorized = await headers('big');
  for (const { name, path, bare, budget } of operations) {
    const sides = async (worker: string): Promise<Comparison> => ({
      api: {
        url: `${await origin(worker)}/v2/tickets/prepared-tickets${path}`,
        headers: authorized,
      },
      // Both Workers receive the same request, although the bare one ignores the credentials.
      bare: { url: `${await origin(BARE.name)}${bare}`, headers: authorized },
    });
    const ratio = await measure(`${name}, budget ${budget}`, await sides(QUIET.name));
    const isFull = rounds >= FULL_ROUNDS;
    const isUnder = isFull && ratio < budget;
    const verdict = isUnder ? 'UNDER' : 'ok   ';
    console.log(`${isFull ? verdict : 'short'} ${ratio.toFixed(3)}`);
    await measure(`${name}, with the log, for comparison`, await sides(API));
    if (isUnder) {
      process.exitCode = 1;
    }
  }
  endLoad();
});
