import { env } from 'cloudflare:workers';

const EXECUTED = ['all', 'first', 'raw', 'run'] as const;

/** The real D1, with its calls counted and, while `fault` is set, refused before they begin. */
export class WatchedD1 {
  /** Round trips so far. */
  calls = 0;
  /** What each call throws from now on. */
  fault: Error | undefined;
  /** What each batch answers from now on, instead of running. */
  results: unknown[] | undefined;
  /** Runs before each batch: between the look-up of credentials, which is none, and a write. */
  beforeBatch: (() => Promise<unknown> | undefined) | undefined;
  /** The binding to hand to the app. */
  readonly db: D1Database = this.#watched(env.DB);

  /** Round trips that `action` takes. */
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

  /** Keeps the statement itself, because a batch takes no other, and watches what executes it. */
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
        return execute(...args);
      };
    }
    return Object.assign(statement, watched);
  }
}

/** A fault that passes by itself, as D1 words it. */
export const overloaded = () =>
  new Error('D1_ERROR: D1 DB is overloaded. Too many requests queued.');

/** Every row of every table of ours, by table: equal before and after a request that writes nothing. */
export async function allRows(): Promise<Record<string, string[]>> {
  const { results: tables } = await env.DB.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT IN ('d1_migrations', 'sqlite_sequence')",
  ).all<{ name: string }>();
  const found = await env.DB.batch(
    tables.map(({ name }) => env.DB.prepare(`SELECT * FROM "${name}"`)),
  );
  return Object.fromEntries(
    tables.map(({ name }, i) => [
      name,
      (found[i]?.results ?? []).map((row) => JSON.stringify(row)).sort(),
    ]),
  );
}
