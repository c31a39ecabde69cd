import {
  type Caller,
  type Collection,
  type Cost,
  type Measured,
  PREPARED_TICKETS,
  type Sample,
} from './measure.ts';
import type { Row } from './report.ts';

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
export function listSample(
  query: Record<string, string | number>,
  collection: Collection = PREPARED_TICKETS,
): Sample {
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]) => [name, String(value)]),
  );
  return { request: { method: 'GET', collection, path: `?${search}` }, status: 200 };
}

/** Sends every sample of the operations, one after the other. */
export async function measureAll(caller: Caller, operations: readonly Operation[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { name, budget, samples } of operations) {
    const measured: Measured[] = [];
    for (const sample of samples) {
      measured.push(await caller.measure(sample));
    }
    rows.push({ name, budget, measured });
  }
  return rows;
}
