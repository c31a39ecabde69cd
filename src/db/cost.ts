/** The cost of the D1 calls of a request. D1 bills rows read and rows written. */
export interface Cost {
  roundTrips: number;
  rowsRead: number;
  rowsWritten: number;
  /** The execution time in the database, as D1 reports it. */
  durationMs: number;
}

/** Returns the cost of no call. */
export const noCost = (): Cost => ({ roundTrips: 0, rowsRead: 0, rowsWritten: 0, durationMs: 0 });

/** Adds the cost of the statements of a call, as D1 reports it. */
export function addCost(cost: Cost, results: readonly D1Result[]): void {
  for (const { meta } of results) {
    cost.rowsRead += meta.rows_read;
    cost.rowsWritten += meta.rows_written;
    cost.durationMs += meta.duration;
  }
}
