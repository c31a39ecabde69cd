import {
  type Caller,
  type Collection,
  type Cost,
  type Measured,
  PREPARED_TICKETS,
  type Sample,
} from './measure.ts';
import { findWorst, type Row } from './report.ts';

/** A measured operation with its budget. Every sample must stay within the budget. */
export interface Operation {
  readonly name: string;
  /** The budget of a caller whom the isolate has seen, without the rows of the gate that decides about the caller. */
  readonly budget: Cost;
  readonly samples: readonly Sample[];
  /** Whether a sample works once only. A caller whom the isolate has not seen then sends the second half of them. */
  readonly isOnce?: boolean;
  /** Whether the caller is refused for its credentials, so that there is no caller whom the isolate has seen. */
  readonly isRefused?: boolean;
}

/** The most rows that the gate may read: in a write, and in a read of a caller whom the isolate has not seen. */
const GATE_ROWS = { write: 3, unseenRead: 6 };

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

/**
 * Sends every sample of the operations, one after the other, as a caller whom the isolate has seen. Then it sends those
 * of writes, and of each read the one that read most, as a caller whom the isolate has not seen.
 */
export async function measureAll(caller: Caller, operations: readonly Operation[]): Promise<Row[]> {
  const measureEach = async (samples: readonly Sample[], isSeen: boolean) => {
    const measured: Measured[] = [];
    for (const sample of samples) {
      measured.push(await caller.measure(sample, isSeen));
    }
    return measured;
  };
  const rows: Row[] = [];
  for (const { name, budget: own, samples, isOnce, isRefused } of operations) {
    const isWrite = !isRefused && samples.some(({ request }) => request.method !== 'GET');
    const budget = withRows(own, isWrite ? GATE_ROWS.write : 0);
    const first = isOnce ? Math.ceil(samples.length / 2) : samples.length;
    const measured = await measureEach(samples.slice(0, first), true);
    const row = { name, budget, measured };
    if (isRefused) {
      rows.push(row);
      continue;
    }
    const again = isWrite ? samples : [findWorst(row, 'read')];
    rows.push({
      ...row,
      unseen: {
        budget: isWrite ? budget : withRows(own, GATE_ROWS.unseenRead),
        measured: await measureEach(isOnce ? samples.slice(first) : again, false),
      },
    });
  }
  return rows;
}

/** Returns a budget with more rows to read. */
const withRows = (budget: Cost, more: number): Cost => ({ ...budget, read: budget.read + more });
