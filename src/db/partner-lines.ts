import { type Deadline, noResponse } from './deadline.ts';
import { QueueTimeout } from './errors.ts';

/** The number of D1 calls of one partner that run at a time; the others wait in line. */
const MAX_RUNNING = 2;

/**
 * The execution time in the database that a call may take before its place rests, in milliseconds. Parts of exports
 * and the lists of usual partners take less.
 */
const FREE_MS = 50;

/** How many times as long a place rests as its call took beyond `FREE_MS`. */
const REST_FACTOR = 9;

/** The longest rest in milliseconds, so that a partner does not wait for long after a fault of the database. */
const MAX_REST_MS = 10_000;

/** The number of lines beyond which those are removed in which nobody waits or runs any more. */
const MAX_KEPT_LINES = 1000;

/** A call that runs or waits, or that has run and whose place rests. */
interface Place {
  /**
   * The deadline of the request, or the end of the rest, milliseconds since 1970. After it, the place is free without
   * being left.
   */
  endsAt: number;
  /** Makes the call look whether it is its turn, and until when else it has to wait. */
  wake: () => void;
}

/** The calls of one partner. */
interface Line {
  readonly running: Set<Place>;
  /** In the order in which they came. */
  readonly waiting: Set<Place>;
}

/** A call that may run. */
interface Turn {
  /** Whether it waited, and so has only a part of the time until its deadline. */
  readonly hasWaited: boolean;
  /**
   * Ends the turn. Each further run has no effect.
   *
   * @param tookMs the execution time of the call in the database, in milliseconds.
   */
  leave(tookMs?: number): void;
}

/**
 * Lets at most two D1 calls of a partner run at a time in this isolate, and the others begin in the order in
 * which they came, so that one partner cannot occupy the database. The runtime can end a request without
 * running `finally`, so a place is also free when the deadline of its request has passed.
 *
 * A list reads each ticket that matches filters which no count serves, and a partner may have two million that do. Then
 * a single call at a time would occupy the database. So a place rests after a call that took long, and a partner has about
 * a fifth of the time of the database.
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
   * @throws QueueTimeout at the deadline; DatabaseUnavailable if that had passed before.
   */
  async enter(partnerId: number, deadline: Deadline): Promise<Turn> {
    const line = this.#lineOf(partnerId);
    const place: Place = { endsAt: deadline.endsAt, wake: () => undefined };
    let hasLeft = false;
    const leave = (tookMs = 0) => {
      if (hasLeft) {
        return;
      }
      hasLeft = true;
      line.running.delete(place);
      line.waiting.delete(place);
      if (tookMs > FREE_MS) {
        this.#rest(partnerId, place, (tookMs - FREE_MS) * REST_FACTOR);
      } else {
        this.#advance(partnerId, line);
      }
    };
    line.waiting.add(place);
    this.#advance(partnerId, line);
    const hasWaited = line.waiting.has(place);
    if (hasWaited) {
      try {
        await deadline.limit(this.#turnOf(place, partnerId, line), () => new QueueTimeout());
      } catch (error) {
        leave();
        throw error;
      }
    } else if (!line.running.has(place)) {
      // The deadline had passed before. A call without a place would run beside those in line.
      throw noResponse();
    }
    return { hasWaited, leave };
  }

  /** Waits for the turn of a place. Whenever a call of the line reaches its deadline, its place is given away. */
  async #turnOf(place: Place, partnerId: number, line: Line): Promise<void> {
    while (line.waiting.has(place)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      place.wake = resolve;
      // Also of those that wait, because one that never continues can run by then.
      const endsAt = Math.min(...[...line.running, ...line.waiting].map((one) => one.endsAt));
      const timer = setTimeout(resolve, Math.max(0, endsAt - Date.now()));
      await promise;
      clearTimeout(timer);
      this.#advance(partnerId, line);
    }
    if (!line.running.has(place)) {
      throw new QueueTimeout();
    }
  }

  /** Occupies a place for some more time. */
  #rest(partnerId: number, place: Place, restMs: number): void {
    // The place can have been given away at its deadline, and its line can have been replaced.
    const line = this.#lineOf(partnerId);
    line.running.add(place);
    place.endsAt = Date.now() + Math.min(restMs, MAX_REST_MS);
    for (const one of line.waiting) {
      one.wake();
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
      if (running.size >= MAX_RUNNING) {
        break;
      }
      waiting.delete(place);
      running.add(place);
      place.wake();
    }
    // A call that leaves after its deadline can belong to a line that was replaced meanwhile.
    const isKept = this.#lines.get(partnerId) === line;
    if (isKept && running.size === 0 && waiting.size === 0) {
      this.#lines.delete(partnerId);
    }
  }
}
