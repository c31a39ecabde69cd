/**
 * A cache whose entries expire and whose size is limited. Times are milliseconds since 1970; the caller
 * passes the current time.
 */
export class ExpiringMap<V> {
  readonly #entries = new Map<string, { value: V; expiresAt: number }>();
  readonly #capacity: number;

  /**
   * @param capacity the maximum number of entries. Beyond it, the entry that was set first is dropped.
   */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Returns the value of a key; undefined if there is none or it has expired. */
  get(key: string, now: number): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      return undefined;
    }
    if (entry.expiresAt <= now) {
      this.#entries.delete(key);
      return undefined;
    }
    return entry.value;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Sets the value of a key, which is returned until `expiresAt`. */
  set(key: string, value: V, expiresAt: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, expiresAt });
    if (this.#entries.size > this.#capacity) {
      const [oldest] = this.#entries.keys();
      this.#entries.delete(oldest as string);
    }
  }
}
