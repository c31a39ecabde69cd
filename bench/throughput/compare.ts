import { median } from '../statistics.ts';
import { load, type Target } from './load.ts';

/** What a Worker is measured with: milliseconds that pass for it. */
export type Clock = () => number;

/** What is loaded in turns. */
export interface Comparison {
  readonly api: Target;
  readonly bare: Target;
}

export interface Result {
  /** Requests a second of the API and of the bare Worker, and the first by the second. */
  readonly api: number;
  readonly bare: number;
  readonly ratio: number;
  /** A quarter of the rounds has a lower ratio than the first, a quarter a higher one than the second. */
  readonly quartiles: readonly [number, number];
}

const WARM_UP = 2000;
const ROUNDS = 60;
/** Requests of each turn: so short that what else the machine does meets both sides. */
const TURN = 150;

async function throughput(target: Target, clocks: readonly Clock[]): Promise<number[]> {
  const start = clocks.map((clock) => clock());
  await load(target, TURN);
  return clocks.map((clock, i) => (TURN * 1000) / (clock() - (start[i] as number)));
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] as number;
}

/** Loads both sides in turns, which of them first in turns too. Gives a result by each clock. */
export async function compare(
  { api, bare }: Comparison,
  clocks: readonly Clock[],
): Promise<Result[]> {
  await load(api, WARM_UP);
  await load(bare, WARM_UP);
  const rounds: { api: number[]; bare: number[] }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
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
