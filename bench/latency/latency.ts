import { withWorld } from '../../scripts/runtime/world.ts';
import { fill, idOf } from '../dataset.ts';
import { Caller, type Sample } from '../measure.ts';
import { listSample } from '../operations.ts';
import { columns } from '../report.ts';
import { values } from '../single-tickets.ts';
import { median } from '../statistics.ts';

const SLOW = { name: 'slow', entry: 'bench/latency/slow-api.js' };
/** The number of requests of each kind and caller. */
const REQUESTS = 51;

/** Returns the requests whose time is measured, by their names. */
const samplesOf = (n: number): Record<string, Sample> => ({
  'GET one': { request: { method: 'GET', path: `/${idOf.ticket(n)}` }, status: 200 },
  'a list page of 25': listSample({}),
  POST: {
    request: {
      method: 'POST',
      path: '',
      body: { customer_id: idOf.customer(1), ...values },
    },
    status: 201,
  },
});

/**
 * Prints how long requests take with a database that is far away, for a caller whom the isolate has seen and for one
 * that it has not. A round trip more shows as its latency.
 *
 * @param latencyMs what each D1 call takes longer, in milliseconds.
 */
export async function printLatencies(
  tickets: number,
  days: number,
  latencyMs: number,
): Promise<void> {
  const variables = { EXPOSE_COST: 'true', D1_LATENCY_MS: String(latencyMs) };
  await withWorld([SLOW], variables, async (world) => {
    await fill(world.database, tickets, days);
    const caller = await Caller.of(world, 'big', { worker: SLOW.name });
    const lines = [[`p50 in ms, ${latencyMs} in each D1 call`, 'seen', 'unseen']];
    for (const name of Object.keys(samplesOf(0))) {
      const p50 = async (isSeen: boolean) => {
        const times: number[] = [];
        for (let n = 0; n < REQUESTS; n++) {
          const { milliseconds } = await caller.measure(samplesOf(n)[name] as Sample, isSeen);
          times.push(milliseconds);
        }
        return median(times).toFixed(0);
      };
      lines.push([name, await p50(true), await p50(false)]);
    }
    console.log(columns(lines));
  });
}
