import { DatabaseUnavailable } from './errors.ts';

/** The time limit for all D1 calls of one request together. */
export class Deadline {
  /** Milliseconds since 1970. */
  readonly #endsAt: number;
  /** Rejects at the deadline. Created with the first call. */
  #reached: Promise<never> | undefined;

  /** @param timeoutMs milliseconds from now. */
  constructor(timeoutMs: number) {
    this.#endsAt = Date.now() + timeoutMs;
  }

  /** Returns whether the deadline is still ahead after a further wait of `waitMs` milliseconds. */
  allows(waitMs: number): boolean {
    return Date.now() + waitMs <= this.#endsAt;
  }

  /**
   * Waits for a D1 call until the deadline. A D1 call cannot be cancelled, so a later result is ignored.
   * One timer serves all calls of the request. It is not cleared, because that costs more than letting
   * it end with the request.
   *
   * @returns the result of the call.
   * @throws DatabaseUnavailable at the deadline.
   */
  limit<T>(call: Promise<T>): Promise<T> {
    this.#reached ??= new Promise<never>((_, reject) => {
      setTimeout(
        () =>
          reject(
            new DatabaseUnavailable('no response from the database before the deadline', false),
          ),
        Math.max(0, this.#endsAt - Date.now()),
      );
    });
    return Promise.race([call, this.#reached]);
  }
}
