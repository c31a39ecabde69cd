import { QueriesSpent } from './errors.ts';

/**
 * The most D1 queries of one invocation of the Worker. Each statement of a batch is one, and so is each repetition. The
 * platform ends an invocation after 1,000.
 */
export const MAX_QUERIES = 800;
/** The most D1 calls of one invocation that wait at a time. The platform has six connections for what waits. */
export const MAX_WAITING = 5;

/** Waits for a promise until a deadline. */
type Limit = <T>(call: Promise<T>) => Promise<T>;

/**
 * What the D1 calls of one invocation of the Worker cost and occupy together. D1 bills rows read and rows written. The
 * databases of an invocation share it.
 */
export class Cost {
  roundTrips = 0;
  rowsRead = 0;
  rowsWritten = 0;
  /** The execution time in the database, as D1 reports it. */
  durationMs = 0;
  #queries = 0;
  /** The number of calls that D1 has not answered, including those that nobody waits for any more. */
  #waiting = 0;
  /** The calls that wait for one of the others, in the order in which they came. Each entry lets its call begin. */
  readonly #line = new Set<() => void>();

  /** Returns whether the invocation may make this many further queries. */
  allows(queries: number): boolean {
    return this.#queries + queries <= MAX_QUERIES;
  }

  /**
   * Makes a D1 call as soon as fewer than five others wait, and adds its cost. Calls begin in the order in which they
   * came. A call that was given up at its deadline still has its connection, so its place is free when D1 answers.
   *
   * @param queries the number of its statements.
   * @param limit limits the time that is waited.
   * @param begin begins the call.
   * @throws QueriesSpent if the invocation may not make as many; DatabaseUnavailable at the deadline; the error of the
   * call.
   */
  async add(queries: number, limit: Limit, begin: () => Promise<D1Result[]>): Promise<D1Result[]> {
    if (!this.allows(queries)) {
      throw new QueriesSpent();
    }
    this.roundTrips += 1;
    this.#queries += queries;
    if (this.#waiting < MAX_WAITING) {
      this.#waiting += 1;
    } else {
      await this.#turn(limit);
    }
    const call = begin();
    call.then(this.#leave, this.#leave);
    const results = await limit(call);
    for (const { meta } of results) {
      this.rowsRead += meta.rows_read;
      this.rowsWritten += meta.rows_written;
      this.durationMs += meta.duration;
    }
    return results;
  }

  /** Waits for the place of another call. */
  async #turn(limit: Limit): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#line.add(resolve);
    try {
      await limit(promise);
    } catch (error) {
      if (!this.#line.delete(resolve)) {
        // The call got its place just before the deadline.
        this.#leave();
      }
      throw error;
    }
  }

  /** Gives the place of a call to the next one. */
  readonly #leave = (): void => {
    const [next] = this.#line;
    if (next === undefined) {
      this.#waiting -= 1;
    } else {
      this.#line.delete(next);
      next();
    }
  };
}
