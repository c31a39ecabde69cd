import { type Deadline, noResponse } from './deadline.ts';

/** The number of D1 calls of one partner that run at a time; the others wait in line. */
const MAX_RUNNING = 2;

/** The number of lines beyond which those are removed in which nobody waits or runs any more. */
const MAX_KEPT_LINES = 1000;

/** A call that runs or waits. */
interface Place {
  /** The deadline of the request, milliseconds since 1970. After it, the place is free without being left. */
  readonly endsAt: number;
  /** Ends the wait, when it is the turn of the call. */
  readonly begin: () => void;
}

/** The calls of one partner. */
interface Line {
  readonly running: Set<Place>;
  /** In the order in which they came. */
  readonly waiting: Set<Place>;
}

/**
 * Lets at most two D1 calls of a partner run at a time in this isolate, and the others begin in the order in
 * which they came, so that one partner cannot occupy the database. The runtime can end a request without
 * running `finally`, so a place is also free when the deadline of its request has passed.
 *
 * The app owns the lines. One request ends the wait of another: the runtime resumes the waiting one in its own
 * context (compatibility flag `handle_cross_request_promise_resolution`).
 */
export class PartnerLines {
  readonly #lines = new Map<number, Line>();

  /** The number of partners with a line. */
  get size(): number {
    return this.#lines.size;
  }

  /**
   * Waits until a call of a partner may run.
   *
   * @param deadline of the request that makes the call.
   * @returns a function that ends the turn. Each further run of it has no effect.
   * @throws DatabaseUnavailable at the deadline.
   */
  async enter(partnerId: number, deadline: Deadline): Promise<() => void> {
    const line = this.#lineOf(partnerId);
    const { promise, resolve } = Promise.withResolvers<void>();
    const place = { endsAt: deadline.endsAt, begin: resolve };
    const leave = () => {
      line.running.delete(place);
      line.waiting.delete(place);
      this.#advance(partnerId, line);
    };
    line.waiting.add(place);
    this.#advance(partnerId, line);
    if (line.waiting.has(place)) {
      try {
        await deadline.limit(this.#turnOf(place, promise, partnerId, line));
      } catch (error) {
        leave();
        throw error;
      }
    } else if (!line.running.has(place)) {
      // The deadline had passed before. A call without a place would run beside those in line.
      throw noResponse();
    }
    return leave;
  }

  /** Waits for the turn of a place. Whenever a call of the line reaches its deadline, its place is given away. */
  async #turnOf(place: Place, turn: Promise<void>, partnerId: number, line: Line): Promise<void> {
    while (line.waiting.has(place)) {
      // Also of those that wait, because one that never continues can run by then.
      const endsAt = Math.min(...[...line.running, ...line.waiting].map((one) => one.endsAt));
      const passed = Promise.withResolvers<void>();
      const timer = setTimeout(passed.resolve, Math.max(0, endsAt - Date.now()));
      await Promise.race([turn, passed.promise]);
      clearTimeout(timer);
      this.#advance(partnerId, line);
    }
    if (!line.running.has(place)) {
      throw noResponse();
    }
  }

  #lineOf(partnerId: number): Line {
    if (this.#lines.size > MAX_KEPT_LINES) {
      for (const [id, line] of this.#lines) {
        this.#advance(id, line);
      }
    }
    const line = this.#lines.get(partnerId) ?? { running: new Set(), waiting: new Set() };
    this.#lines.set(partnerId, line);
    return line;
  }

  /** Removes the places whose deadline has passed, and gives those that are free to the next ones in line. */
  #advance(partnerId: number, line: Line): void {
    const { running, waiting } = line;
    const now = Date.now();
    for (const places of [running, waiting]) {
      for (const place of places) {
        if (place.endsAt <= now) {
          places.delete(place);
        }
      }
    }
    for (const place of waiting) {
      if (running.size === MAX_RUNNING) {
        break;
      }
      waiting.delete(place);
      running.add(place);
      place.begin();
    }
    // A call that leaves after its deadline can belong to a line that was replaced meanwhile.
    const isKept = this.#lines.get(partnerId) === line;
    if (isKept && running.size === 0 && waiting.size === 0) {
      this.#lines.delete(partnerId);
    }
  }
}
