import type { Cost, Sample } from './measure.ts';

/** A measured operation with its budget. Every sample must stay within the budget. */
export interface Operation {
  readonly name: string;
  readonly budget: Cost;
  readonly samples: readonly Sample[];
}

/** Returns the budget of a list: one round trip, a number of rows read, and no row written. */
export function listBudget(read: number): Cost {
  return { trips: 1, read, written: 0 };
}

/** Returns a list request with query parameters. */
export function listSample(query: Record<string, string | number>): Sample {
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]) => [name, String(value)]),
  );
  return { request: { method: 'GET', path: `?${search}` }, status: 200 };
}
