import { DatabaseUnavailable } from './errors.ts';

/** Returns the error of a D1 call that reached the deadline. */
export const noResponse = () =>
  new DatabaseUnavailable('no response from the database before the deadline', false);

/** The time limit for all D1 calls of one request together. */
export class Deadline {
  /** Milliseconds since 1970. */
  readonly endsAt: number;
  /** The calls that are waited for. Each entry rejects its call at the deadline. */
  readonly #waiting = new Set<(reason: DatabaseUnavailable) => void>();
  #hasTimer = false;
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
   * One timer serves all calls of the request. It is not cleared, because that costs more than letting
   * it end with the request, but it holds no result: a call is forgotten as soon as it settles.
   *
   * @returns the result of the call.
   * @throws DatabaseUnavailable at the deadline.
   */
  limit<T>(call: Promise<T>): Promise<T> {
    if (this.#isReached) {
      // The call is ignored, so its failure must not become an unhandled rejection.
      call.catch(() => undefined);
      return Promise.reject(noResponse());
    }
    if (!this.#hasTimer) {
      this.#hasTimer = true;
      setTimeout(() => this.#rejectAll(), Math.max(0, this.endsAt - Date.now()));
    }
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject);
      const forget = () => this.#waiting.delete(reject);
      call.then(resolve, reject).then(forget, forget);
    });
  }

  #rejectAll(): void {
    this.#isReached = true;
    for (const reject of this.#waiting) {
      reject(noResponse());
    }
    this.#waiting.clear();
  }
}
