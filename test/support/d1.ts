import { env } from 'cloudflare:workers';
import { inEachHome } from './homes.ts';
import { tables } from './tables.ts';

const EXECUTED = ['all', 'first', 'raw', 'run'] as const;

/** The real D1 with counted calls. While `fault` is set, each call fails before it executes anything. */
export class WatchedD1 {
  /** The number of round trips so far. */
  calls = 0;
  /** The error that each call throws, if set. */
  fault: Error | undefined;
  /** The results that each call returns instead of executing anything, if set. */
  results: unknown[] | undefined;
  /** Whether a call never returns. */
  hangs = false;
  /** Runs before each batch. A call of a request whose caller is not confirmed is one, and so is each write. */
  beforeBatch: (() => Promise<unknown> | undefined) | undefined;
  /** The binding for the app. */
  readonly db: D1Database;

  /** @param real the binding whose calls are counted. */
  constructor(real: D1Database = env.DB) {
    this.db = this.#watched(real);
  }

  /** Returns the number of round trips of `action`. */
  async cost(action: () => Promise<unknown>): Promise<number> {
    const before = this.calls;
    await action();
    return this.calls - before;
  }

  #called(): void {
    this.calls += 1;
    if (this.fault !== undefined) {
      throw this.fault;
    }
  }

  #watched<T extends D1Database | D1DatabaseSession>(target: T): T {
    return new Proxy(target, {
      get: (_target, name) => {
        if (name === 'batch' || name === 'exec') {
          return async (...args: unknown[]) => {
            this.#called();
            if (this.results !== undefined) {
              return this.results;
            }
            if (this.hangs) {
              return new Promise(() => {});
            }
            await this.beforeBatch?.();
            const execute = Reflect.get(target, name) as (...args: unknown[]) => unknown;
            return execute.apply(target, args);
          };
        }
        if (name === 'withSession') {
          return (constraint?: string) =>
            this.#watched((target as D1Database).withSession(constraint));
        }
        if (name === 'prepare') {
          return (query: string) => this.#statement(target.prepare(query));
        }
        const value = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  /** Changes the statement itself, because a batch accepts no other object, so that its calls are counted. */
  #statement(statement: D1PreparedStatement): D1PreparedStatement {
    const bind = statement.bind.bind(statement);
    const watched: Record<string, unknown> = {
      bind: (...values: unknown[]) => this.#statement(bind(...values)),
    };
    for (const name of EXECUTED) {
      const execute = statement[name].bind(statement) as (...args: unknown[]) => unknown;
      watched[name] = async (...args: unknown[]) => {
        this.#called();
        if (this.results !== undefined) {
          return this.results[0];
        }
        if (this.hangs) {
          return new Promise(() => {});
        }
        return execute(...args);
      };
    }
    return Object.assign(statement, watched);
  }
}

/** Executes statements of a database as one batch. */
export type Batch = <Row>(
  database: D1Database,
  statements: D1PreparedStatement[],
) => Promise<D1Result<Row>[]>;

/** Executes the batch of one writer. */
export const alone: Batch = (database, statements) => database.batch(statements);

/**
 * Returns a function that executes the batches of several writers as one for each database, because a round trip takes
 * longer than most statements.
 *
 * @param writers the number of writers. Nothing is executed before each has called the function.
 */
export function together(writers: number): Batch {
  let waiting = writers;
  const parts = new Map<D1Database, D1PreparedStatement[]>();
  const { promise, resolve } = Promise.withResolvers<void>();
  const executed = promise.then(async () => {
    const results = new Map<D1Database, D1Result[]>();
    for (const [database, statements] of parts) {
      results.set(database, await database.batch(statements));
    }
    return results;
  });
  return async <Row>(database: D1Database, statements: D1PreparedStatement[]) => {
    // The writers come in any order, so rows can come before those that they refer to.
    const part = parts.get(database) ?? [database.prepare('PRAGMA defer_foreign_keys = on')];
    const first = part.length;
    parts.set(database, [...part, ...statements]);
    waiting -= 1;
    if (waiting === 0) {
      resolve();
    }
    const results = (await executed).get(database) ?? [];
    return results.slice(first, first + statements.length) as D1Result<Row>[];
  };
}

/** Returns a transient error in the words of D1. */
export const overloaded = () =>
  new Error('D1_ERROR: D1 DB is overloaded. Too many requests queued.');

/** Returns the rows of each table, by table, from the results of selecting them. */
const byTable = (found: readonly (readonly D1Result[])[]): Record<string, string[]> =>
  Object.fromEntries(
    tables.map(({ name }, i) => {
      const rows = found.flatMap((results) => results[i]?.results ?? []);
      return [name, rows.map((row) => JSON.stringify(row)).sort()];
    }),
  );

const selectAll = (database: D1Database) =>
  tables.map(({ name }) => database.prepare(`SELECT * FROM "${name}"`));

/**
 * Returns every row of every table of the app by table, of all homes together. It is equal before and after a request
 * that writes nothing.
 */
export const allRows = async (): Promise<Record<string, string[]>> =>
  byTable(await inEachHome((database) => database.batch(selectAll(database))));

/** Executes a statement, and returns every row of the database at that moment, as `allRows` does. */
export async function rowsAfter(
  database: D1Database,
  statement: D1PreparedStatement,
): Promise<Record<string, string[]>> {
  const [, ...results] = await database.batch([statement, ...selectAll(database)]);
  return byTable([results]);
}
