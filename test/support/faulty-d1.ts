import { vi } from 'vitest';
import { overloaded } from './d1.ts';
import { wrapD1 } from './wrapped-d1.ts';

/** The fault of one D1 call. */
export type FaultKind =
  /** The call fails before anything is executed, as without a connection. */
  | 'before'
  /** The call is executed, but the response is lost. */
  | 'after'
  /** The call is executed, but the response arrives after the deadline. */
  | 'slow'
  /** The call is executed after the deadline, when the caller already has its response. */
  | 'late'
  /** The call fails because the database is overloaded. */
  | 'overloaded'
  /** The call hangs until D1 ends it after 30 seconds. A test must use fake timers, and advance them. */
  | 'hangs'
  /** The call fails with an error that is not transient. */
  | 'broken';

const lost = () => new Error('D1_ERROR: Network connection lost.');
const timedOut = () =>
  new Error('D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.');
const broken = () => new Error('D1_ERROR: no such column: nonsense: SQLITE_ERROR');

/** Returns the fault of a call by its number, which starts at 1; undefined for a call without a fault. */
export type Plan = (call: number) => FaultKind | undefined;

/** A time that is longer than any deadline of a request. */
const BEYOND_DEADLINE_MS = 3_600_000;

/** The time after which D1 ends a query, in milliseconds. */
const MAX_QUERY_MS = 30_000;

/**
 * Makes a call that reports no time. Lists that take long make the next ones of their partner wait, and would wait for
 * ever on a machine under load, because the clock of most tests with faults stands still.
 */
async function untimed<R extends D1Result | D1Result[]>(execute: () => Promise<R>): Promise<R> {
  const result = await execute();
  for (const { meta } of [result].flat()) {
    meta.duration = 0;
  }
  return result;
}

/**
 * The real local D1 with injected faults. A test that plans `slow` or `late` must use fake timers, because
 * these faults advance the time beyond the deadline.
 */
export class FaultyD1 {
  /** The number of calls since the last call of `plan`. */
  calls = 0;
  /** The constraints and bookmarks with which sessions were created. */
  readonly sessions: (string | undefined)[] = [];
  readonly db: D1Database;
  #plan: Plan = () => undefined;
  #before: Promise<void> | undefined;
  #late: (() => Promise<unknown>)[] = [];

  /** @param real the binding whose calls can fail. */
  constructor(real?: D1Database) {
    const record = (constraint?: string) => void this.sessions.push(constraint);
    this.db = wrapD1((execute) => this.#call(() => untimed(execute)), record, real);
  }

  /** Sets the faults of the following calls; none without an argument. */
  plan(plan: Plan = () => undefined): void {
    this.#plan = plan;
    this.calls = 0;
  }

  /** Makes the following calls wait for an event before they are executed. */
  delayUntil(event: Promise<void>): void {
    this.#before = event;
  }

  /** Executes the calls that were delayed beyond the deadline. Ignores their results and errors. */
  async settle(): Promise<void> {
    for (const execute of this.#late.splice(0)) {
      await execute().catch(() => undefined);
    }
  }

  async #call<R extends D1Result | D1Result[]>(execute: () => Promise<R>): Promise<R> {
    this.calls += 1;
    if (this.#before !== undefined) {
      await this.#before;
    }
    switch (this.#plan(this.calls)) {
      case 'before':
        throw lost();
      case 'overloaded':
        throw overloaded();
      case 'hangs':
        await new Promise((resolve) => setTimeout(resolve, MAX_QUERY_MS));
        throw timedOut();
      case 'broken':
        throw broken();
      case 'after':
        await execute();
        throw lost();
      case 'slow':
        await execute();
        return this.#beyondDeadline();
      case 'late':
        this.#late.push(execute);
        return this.#beyondDeadline();
      default:
        return execute();
    }
  }

  #beyondDeadline<R>(): Promise<R> {
    queueMicrotask(() => vi.advanceTimersByTime(BEYOND_DEADLINE_MS));
    return new Promise(() => {});
  }
}
