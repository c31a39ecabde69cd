/** A rate limiter that allows a number of requests for each key, and counts the requests. */
export class CountingLimit implements RateLimit {
  readonly counts = new Map<string, number>();
  readonly #quota: number;

  constructor(quota = Number.POSITIVE_INFINITY) {
    this.#quota = quota;
  }

  async limit({ key }: RateLimitOptions): Promise<RateLimitOutcome> {
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    return { success: count <= this.#quota };
  }
}
