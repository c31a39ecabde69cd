import type { Caller, Cost, Measured, Sample } from './measure.ts';
import type { Row } from './report.ts';

/** A row of the budgets: the worst of its samples counts. */
export interface Operation {
  readonly name: string;
  readonly budget: Cost;
  readonly samples: readonly Sample[];
}

/** A list is one round trip and writes nothing. */
export function listBudget(read: number): Cost {
  return { trips: 1, read, written: 0 };
}

/** A list with these parameters. */
export function listSample(query: Record<string, string | number>): Sample {
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]) => [name, String(value)]),
  );
  return { request: { method: 'GET', path: `?${search}` }, status: 200 };
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
