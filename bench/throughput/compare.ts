import { median } from '../statistics.ts';
import { load, type Target } from './load.ts';

/** Returns a time in milliseconds. Only the difference between two calls has a meaning. */
export type Clock = () => number;

/** The two targets that are loaded alternately. */
export interface Comparison {
  readonly api: Target;
  readonly bare: Target;
}

/** The result of a comparison by one clock. */
export interface Result {
  /** Requests per second of the API. */
  readonly api: number;
  /** Requests per second of the bare Worker. */
  readonly bare: number;
  /** The median of `api` divided by `bare`. */
  readonly ratio: number;
  /** The lower and the upper quartile of the ratios of all rounds. */
  readonly quartiles: readonly [number, number];
}

const MAX_WARM_UP_REQUESTS = 2000;
/** The number of requests in each turn. Turns are short, so that other work of the machine affects both sides. */
const REQUESTS_PER_TURN = 150;

/** Loads a target for one turn. Returns its requests per second by each clock. */
async function throughput(target: Target, clocks: readonly Clock[]): Promise<number[]> {
  const start = clocks.map((clock) => clock());
  await load(target, REQUESTS_PER_TURN);
  return clocks.map((clock, i) => (REQUESTS_PER_TURN * 1000) / (clock() - (start[i] as number)));
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] as number;
}

/**
 * Loads both targets in alternating order.
 *
 * @param roundCount the number of turns of each target.
 * @returns a result for each clock.
 */
export async function compare(
  { api, bare }: Comparison,
  clocks: readonly Clock[],
  roundCount: number,
): Promise<Result[]> {
  const warmUp = Math.min(MAX_WARM_UP_REQUESTS, roundCount * REQUESTS_PER_TURN);
  await load(api, warmUp);
  await load(bare, warmUp);
  const rounds: { api: number[]; bare: number[] }[] = [];
  for (let round = 0; round < roundCount; round++) {
    if (round % 2 === 0) {
      const first = await throughput(api, clocks);
      rounds.push({ api: first, bare: await throughput(bare, clocks) });
    } else {
      const first = await throughput(bare, clocks);
      rounds.push({ bare: first, api: await throughput(api, clocks) });
    }
  }
  return clocks.map((_, i) => {
    const of = (side: 'api' | 'bare') => rounds.map((round) => round[side][i] as number);
    const ratios = of('api').map((rate, round) => rate / (of('bare')[round] as number));
    return {
      api: median(of('api')),
      bare: median(of('bare')),
      ratio: median(ratios),
      quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    };
  });
}
