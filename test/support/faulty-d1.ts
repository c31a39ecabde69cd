import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import { overloaded } from './d1.ts';

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
  /** The call fails with an error that is not transient. */
  | 'broken';

const lost = () => new Error('D1_ERROR: Network connection lost.');
const broken = () => new Error('D1_ERROR: no such column: nonsense: SQLITE_ERROR');

/** Returns the fault of a call by its number, which starts at 1; undefined for a call without a fault. */
export type Plan = (call: number) => FaultKind | undefined;

/** A time that is longer than any deadline of a request. */
const BEYOND_DEADLINE_MS = 3_600_000;

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
  #late: (() => Promise<unknown>)[] = [];

  constructor(real: D1Database = env.DB) {
    this.db = this.#faulty(real);
  }

  /** Sets the faults of the following calls; none without an argument. */
  plan(plan: Plan = () => undefined): void {
    this.#plan = plan;
    this.calls = 0;
  }

  /** Executes the calls that were delayed beyond the deadline. Ignores their results and errors. */
  async settle(): Promise<void> {
    for (const execute of this.#late.splice(0)) {
      await execute().catch(() => undefined);
    }
  }

  #faulty<T extends D1Database | D1DatabaseSession>(target: T): T {
    return new Proxy(target, {
      get: (_target, name) => {
        if (name === 'batch') {
          return (statements: D1PreparedStatement[]) => this.#call(() => target.batch(statements));
        }
        if (name === 'prepare') {
          return (query: string) => this.#statement(target.prepare(query));
        }
        if (name === 'withSession') {
          return (constraint?: string) => {
            this.sessions.push(constraint);
            return this.#faulty((target as D1Database).withSession(constraint));
          };
        }
        const value = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  /** Changes the statement itself, because a batch accepts no other object, so that executing it alone can fail. */
  #statement(statement: D1PreparedStatement): D1PreparedStatement {
    const bind = statement.bind.bind(statement);
    const all = statement.all.bind(statement);
    return Object.assign(statement, {
      bind: (...values: unknown[]) => this.#statement(bind(...values)),
      all: () => this.#call(() => all()),
    });
  }

  async #call<R>(execute: () => Promise<R>): Promise<R> {
    this.calls += 1;
    switch (this.#plan(this.calls)) {
      case 'before':
        throw lost();
      case 'overloaded':
        throw overloaded();
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
