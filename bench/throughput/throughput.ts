/**
 * `npm run bench:throughput` compares the API with a bare Worker that does the same D1 reads, both on
 * one workerd, in turns: only their ratio says something, for the machine is in both. It is taken by
 * workerd's own CPU time, where the system tells it, because a machine that is busy with other things
 * bends the time on the wall.
 */
import { fill, idOf } from '../dataset.ts';
import { API, withWorld } from '../world.ts';
import { type Comparison, compare, type Result } from './compare.ts';
import { endLoad } from './load.ts';
import { recordedReads } from './recorded-reads.ts';
import { workerdClock } from './workerd-clock.ts';

const TICKETS = 10_000;
const BARE = 'bare';

function line(clock: string, { api, bare, ratio, quartiles }: Result): string {
  const spread = quartiles.map((value) => value.toFixed(3)).join(' to ');
  const microseconds = 1e6 / api - 1e6 / bare;
  return (
    `${ratio.toFixed(3)} by ${clock} (middle half of the rounds: ${spread}); ` +
    `API ${Math.round(api)}/s, bare ${Math.round(bare)}/s, ${Math.round(microseconds)} µs a request`
  );
}

const reads = await recordedReads();
const paths = { one: '/one', list: '/list' };
const bindings = { READS: JSON.stringify({ [paths.one]: reads.one, [paths.list]: reads.list }) };
const neighbours = [{ name: BARE, entry: 'bench/throughput/worker.ts' }];
await withWorld(neighbours, bindings, async ({ database, origin, headers }) => {
  await fill(database, TICKETS);
  const collection = `${await origin(API)}/v2/tickets/prepared-tickets`;
  const bare = await origin(BARE);
  const authorized = await headers('big');
  const comparisons: Comparison[] = [
    {
      name: 'GET one',
      api: { url: `${collection}/${idOf.ticket(77)}`, headers: authorized },
      bare: { url: bare + paths.one, headers: {} },
      budget: 0.85,
    },
    {
      name: 'a list page of 25',
      api: { url: collection, headers: authorized },
      bare: { url: bare + paths.list, headers: {} },
      budget: 0.75,
    },
  ];
  const cpu = workerdClock();
  const clocks = [...(cpu ? [cpu] : []), () => performance.now()];
  const names = [...(cpu ? ["workerd's CPU time"] : []), 'the time on the wall'];
  for (const comparison of comparisons) {
    const results = await compare(comparison, clocks);
    const kept = (results[0] as Result).ratio >= comparison.budget;
    console.log(`${kept ? 'ok   ' : 'UNDER'} ${comparison.name}, budget ${comparison.budget}`);
    for (const [i, result] of results.entries()) {
      console.log(`      ${line(names[i] as string, result)}`);
    }
    if (!kept) {
      process.exitCode = 1;
    }
  }
  endLoad();
});
