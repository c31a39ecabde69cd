/**
 * `npm run bench:throughput` compares the API with a bare Worker that does the same D1 reads, both on
 * one workerd, in turns: only their ratio says something, for the machine is in both. What counts is
 * requests by the time on the wall, so run it on a machine that does nothing else. By workerd's own
 * CPU time, where the system tells it, the ratio is steadier and a little stricter, for waiting is no
 * part of it; it is printed beside.
 *
 * What counts is the API without its log: workerd writes each line to a pipe and waits until it is
 * written, which Cloudflare does not. The API with its log is measured beside it.
 */

import { API, withWorld } from '../../scripts/runtime/world.ts';
import { fill, idOf } from '../dataset.ts';
import { type Comparison, compare, type Result } from './compare.ts';
import { endLoad } from './load.ts';
import { recordedReads } from './recorded-reads.ts';
import { workerdClock } from './workerd-clock.ts';

const TICKETS = 10_000;
const BARE = { name: 'bare', entry: 'bench/throughput/worker.ts' };
const QUIET = { name: 'quiet', entry: 'bench/throughput/quiet-api.js' };

function line(clock: string, { api, bare, ratio, quartiles }: Result): string {
  const spread = quartiles.map((value) => value.toFixed(3)).join(' to ');
  const microseconds = 1e6 / api - 1e6 / bare;
  return (
    `      ${ratio.toFixed(3)} by ${clock} (middle half of the rounds: ${spread}); ` +
    `API ${Math.round(api)}/s, bare ${Math.round(bare)}/s, ${Math.round(microseconds)} µs a request`
  );
}

/** Prints a comparison by each clock. Gives the ratio by the time on the wall. */
async function measure(title: string, comparison: Comparison): Promise<number> {
  const cpu = workerdClock();
  const clocks = [
    { name: 'the time on the wall', now: () => performance.now() },
    ...(cpu ? [{ name: "workerd's CPU time", now: cpu }] : []),
  ];
  console.log(title);
  const results = await compare(
    comparison,
    clocks.map(({ now }) => now),
  );
  for (const [i, { name }] of clocks.entries()) {
    console.log(line(name, results[i] as Result));
  }
  return (results[0] as Result).ratio;
}

const reads = await recordedReads();
const operations = [
  { name: 'GET one', path: `/${idOf.ticket(77)}`, bare: '/one', budget: 0.85 },
  { name: 'a list page of 25', path: '', bare: '/list', budget: 0.75 },
];
const variables = { READS: JSON.stringify({ '/one': reads.one, '/list': reads.list }) };
await withWorld([BARE, QUIET], variables, async ({ database, origin, headers }) => {
  await fill(database, TICKETS, 730);
  const authorized = await headers('big');
  for (const { name, path, bare, budget } of operations) {
    const sides = async (worker: string): Promise<Comparison> => ({
      api: {
        url: `${await origin(worker)}/v2/tickets/prepared-tickets${path}`,
        headers: authorized,
      },
      // The same request: how much of it is looked at is up to the Worker.
      bare: { url: `${await origin(BARE.name)}${bare}`, headers: authorized },
    });
    const ratio = await measure(`${name}, budget ${budget}`, await sides(QUIET.name));
    console.log(`${ratio < budget ? 'UNDER' : 'ok   '} ${ratio.toFixed(3)}`);
    await measure(`${name}, with the log, for comparison`, await sides(API));
    if (ratio < budget) {
      process.exitCode = 1;
    }
  }
  endLoad();
});
