import { wrapD1 } from './wrapped-d1.ts';

/** The real D1. It counts the rows that are written, including those of background work. */
export class MeteredD1 {
  /** The binding for the app. */
  readonly db: D1Database;
  #written = 0;

  /** @param real the binding whose calls are metered. */
  constructor(real?: D1Database) {
    this.db = wrapD1(
      async (execute) => {
        const results = await execute();
        for (const { meta } of [results].flat()) {
          this.#written += meta.rows_written;
        }
        return results;
      },
      undefined,
      real,
    );
  }

  /** Returns the number of rows that `action` writes, as D1 bills them. */
  async writtenBy(action: () => Promise<unknown>): Promise<number> {
    const before = this.#written;
    await action();
    return this.#written - before;
  }
}
