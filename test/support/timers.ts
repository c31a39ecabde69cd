import { vi } from 'vitest';

/** The timers of this isolate. A timer that is pending keeps a Durable Object in memory. */
export interface Timers {
  /** Returns the delays of the timers that neither ended nor were cleared, in milliseconds. */
  pending(): number[];
  /** The delays of all timers that were set, in milliseconds. */
  readonly set: readonly number[];
  /** The delays of all abort signals with a time limit, which cannot be cleared. */
  readonly signals: readonly number[];
}

/** Observes all timers from now on, until the mocks are restored. They run as before. */
export function watchTimers(): Timers {
  const pending = new Map<unknown, number>();
  const set: number[] = [];
  const signals: number[] = [];
  const { setTimeout: start, clearTimeout: clear } = globalThis;
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((
    run: (...values: unknown[]) => void,
    delayMs = 0,
    ...values: unknown[]
  ) => {
    const timer: unknown = start(() => {
      pending.delete(timer);
      run(...values);
    }, delayMs);
    pending.set(timer, delayMs);
    set.push(delayMs);
    return timer;
  }) as typeof setTimeout);
  vi.spyOn(globalThis, 'clearTimeout').mockImplementation((timer) => {
    pending.delete(timer);
    clear(timer as never);
  });
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((delayMs) => {
    signals.push(delayMs);
    return timeout(delayMs);
  });
  return { pending: () => [...pending.values()], set, signals };
}
