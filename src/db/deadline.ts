import { DatabaseUnavailable } from './errors.ts';

/** Returns the error of a D1 call that reached the deadline. */
export const noResponse = () =>
  new DatabaseUnavailable('no response from the database before the deadline', false);

/** The time limit for all D1 calls of one request together. */
export class Deadline {
  /** Milliseconds since 1970. */
  readonly endsAt: number;
  /** The calls that are waited for. Each entry rejects its call. */
  readonly #waiting = new Set<() => void>();
  /** Clears the timer; undefined if there is none. */
  #clearTimer: (() => void) | undefined;
  #isReached = false;

  /** @param timeoutMs milliseconds from now. */
  constructor(timeoutMs: number) {
    this.endsAt = Date.now() + timeoutMs;
  }

  /** Returns whether the deadline is still ahead after a further wait of `waitMs` milliseconds. */
  allows(waitMs: number): boolean {
    return Date.now() + waitMs <= this.endsAt;
  }

  /**
   * Waits for a D1 call until the deadline. A D1 call cannot be cancelled, so a later result is ignored.
   * One timer serves all calls that wait. It holds no result: a call is forgotten as soon as it settles, and the timer
   * is cleared with the last one, because a pending timer keeps a Durable Object in memory, where it is billed.
   *
   * @param late returns the error at the deadline.
   * @returns the result of the call.
   * @throws DatabaseUnavailable at the deadline.
   */
  limit<T>(call: Promise<T>, late: () => DatabaseUnavailable = noResponse): Promise<T> {
    if (this.#isReached) {
      // The call is ignored, so its failure must not become an unhandled rejection.
      call.catch(() => undefined);
      return Promise.reject(late());
    }
    this.#clearTimer ??= this.#startTimer();
    return new Promise<T>((resolve, reject) => {
      const end = () => reject(late());
      this.#waiting.add(end);
      const forget = () => this.#forget(end);
      call.then(resolve, reject).then(forget, forget);
    });
  }

  #forget(end: () => void): void {
    this.#waiting.delete(end);
    if (this.#waiting.size === 0) {
      this.#clearTimer?.();
      this.#clearTimer = undefined;
    }
  }

  #startTimer(): () => void {
    const timer = setTimeout(() => this.#rejectAll(), Math.max(0, this.endsAt - Date.now()));
    return () => clearTimeout(timer);
  }

  #rejectAll(): void {
    this.#isReached = true;
    for (const end of this.#waiting) {
      end();
    }
    this.#waiting.clear();
  }
}
