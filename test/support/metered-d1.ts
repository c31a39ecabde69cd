import { env } from 'cloudflare:workers';

/** The real D1. It counts the rows that are written, including those of background work. */
export class MeteredD1 {
  /** The binding for the app. */
  readonly db: D1Database = this.#metered(env.DB);
  #written = 0;

  /** Returns the number of rows that `action` writes, as D1 bills them. */
  async writtenBy(action: () => Promise<unknown>): Promise<number> {
    const before = this.#written;
    await action();
    return this.#written - before;
  }

  #count(results: readonly D1Result[]): void {
    for (const { meta } of results) {
      this.#written += meta.rows_written;
    }
  }

  #metered<T extends D1Database | D1DatabaseSession>(target: T): T {
    return new Proxy(target, {
      get: (_target, name) => {
        if (name === 'withSession') {
          return (constraint?: string) =>
            this.#metered((target as D1Database).withSession(constraint));
        }
        if (name === 'prepare') {
          return (query: string) => this.#statement(target.prepare(query));
        }
        if (name === 'batch') {
          return async (statements: D1PreparedStatement[]) => {
            const results = await target.batch(statements);
            this.#count(results);
            return results;
          };
        }
        const value = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  /** Changes the statement itself, because a batch accepts no other object, so that executing it alone is counted. */
  #statement(statement: D1PreparedStatement): D1PreparedStatement {
    const bind = statement.bind.bind(statement);
    const all = statement.all.bind(statement);
    return Object.assign(statement, {
      bind: (...values: unknown[]) => this.#statement(bind(...values)),
      all: async () => {
        const result = await all();
        this.#count([result]);
        return result;
      },
    });
  }
}
