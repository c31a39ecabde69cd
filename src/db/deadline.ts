import { DatabaseUnavailable } from './errors.ts';

/** The time until which the D1 calls of one request, taken together, are waited for. */
export class Deadline {
  /** Milliseconds since 1970. */
  readonly #endsAt: number;
  /** Rejects at the deadline. It is made with the first call. */
  #reached: Promise<never> | undefined;

  /** @param timeoutMs milliseconds from now. */
  constructor(timeoutMs: number) {
    this.#endsAt = Date.now() + timeoutMs;
  }

  /** Returns whether the deadline is still to come after another wait, in milliseconds. */
  allows(waitMs: number): boolean {
    return Date.now() + waitMs <= this.#endsAt;
  }

  /**
   * Waits for the result of a D1 call until the deadline. A D1 call cannot be cancelled, so a result
   * that comes later is ignored. One timer serves all calls of the request and ends with it, because
   * clearing the timer costs more than leaving it.
   *
   * @throws DatabaseUnavailable at the deadline.
   */
  limit<T>(call: Promise<T>): Promise<T> {
    this.#reached ??= new Promise<never>((_, reject) => {
      setTimeout(
        () => reject(new DatabaseUnavailable('no answer before the deadline', false)),
        Math.max(0, this.#endsAt - Date.now()),
      );
    });
    return Promise.race([call, this.#reached]);
  }
}
