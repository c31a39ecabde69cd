import { overloaded } from './d1.ts';
import { wrapD1 } from './wrapped-d1.ts';

/** The real local D1 whose calls a test can hold before they are executed. */
export class SlowD1 {
  /** The number of calls that are held now, and the most that ever were. */
  held = 0;
  most = 0;
  /** The number of calls that were executed since `passOthers`. */
  passed = 0;
  readonly db = wrapD1((execute) => this.#call(execute));
  #holds = false;
  #failures = 0;
  #waiting: (() => void)[] = [];

  /** Holds all following calls. */
  hold(): void {
    this.#holds = true;
  }

  /** Executes following calls, while those that are held stay so. */
  passOthers(): void {
    this.#holds = false;
    this.passed = 0;
  }

  /** Makes a number of following calls fail. */
  fail(calls: number): void {
    this.#failures = calls;
  }

  /** Executes the call that has been held for the longest time. */
  async releaseFirst(): Promise<void> {
    this.#waiting.shift()?.();
  }

  /** Executes the calls that are held, and all following ones. */
  letAll(): void {
    this.#holds = false;
    for (const release of this.#waiting.splice(0)) {
      release();
    }
  }

  async #call<R>(execute: () => Promise<R>): Promise<R> {
    if (this.#failures > 0) {
      this.#failures -= 1;
      throw overloaded();
    }
    if (this.#holds) {
      this.held += 1;
      this.most = Math.max(this.most, this.held);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      this.held -= 1;
    } else {
      this.passed += 1;
    }
    return execute();
  }
}
