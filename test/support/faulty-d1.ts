import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import { overloaded } from './d1.ts';

/** What may become of one call of D1. */
export type FaultKind =
  /** Refused before anything is executed, as when no connection could be made. */
  | 'before'
  /** Executed, and the answer lost. */
  | 'after'
  /** Executed, and the answer comes after the deadline. */
  | 'slow'
  /** Executed only after the deadline, when the caller is long answered. */
  | 'late'
  /** Refused, with the request to leave it alone. */
  | 'overloaded'
  /** Refused for a reason that no second try can change. */
  | 'broken';

const lost = () => new Error('D1_ERROR: Network connection lost.');
const broken = () => new Error('D1_ERROR: no such column: nonsense: SQLITE_ERROR');

/** The calls that meet a fault, by their number: the first is 1. */
export type Plan = (call: number) => FaultKind | undefined;

/** Milliseconds beyond what a request may take. */
const BEYOND_DEADLINE = 3_600_000;

/**
 * The real local D1, with faults. A test that plans `slow` or `late` must have fake timers, because
 * they pass the deadline.
 */
export class FaultyD1 {
  /** Calls since the plan was made. */
  calls = 0;
  /** Constraints and bookmarks that sessions were begun with. */
  readonly sessions: (string | undefined)[] = [];
  readonly db: D1Database;
  #plan: Plan = () => undefined;
  #late: (() => Promise<unknown>)[] = [];

  constructor(real: D1Database = env.DB) {
    this.db = this.#faulty(real);
  }

  /** Plans the faults of the calls from now on; without a plan there are none. */
  plan(plan: Plan = () => undefined): void {
    this.#plan = plan;
    this.calls = 0;
  }

  /** Executes what was held back; nobody waits for its answer any more, or for its fault. */
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

  /** The statement itself, because a batch takes no other, with faults where it is executed alone. */
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
    queueMicrotask(() => vi.advanceTimersByTime(BEYOND_DEADLINE));
    return new Promise(() => {});
  }
}
