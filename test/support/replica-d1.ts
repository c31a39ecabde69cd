import { tables } from './tables.ts';

/** The statement of a call to the stand-in. */
interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
  bind(...values: unknown[]): Statement;
  all(): Promise<D1Result>;
}

/** The first bookmark of all: that of a replica that has no data yet. */
const OLDEST = '00000000-00000000-00000000-00000000000000000000000000000000';

/**
 * A stand-in for a database with one replica, which sees the state of the last `catchUp`. The local D1 has no replicas.
 * As on D1, only the first query of a session with the constraint `first-primary` is sure to reach the primary, a
 * replica serves a session only if it is as new as the session's bookmark, and the bookmark of a session is the greater
 * one of that with which it began and that of the last response.
 */
export class ReplicaD1 {
  /** Who executed each call. */
  readonly servedBy: ('primary' | 'replica')[] = [];
  readonly db: D1Database;
  readonly #primary: D1Database;
  readonly #replica: D1Database;
  #stateOfReplica = OLDEST;

  /** @param replica a database with the same tables, whose rows are replaced. */
  constructor(primary: D1Database, replica: D1Database) {
    this.#primary = primary;
    this.#replica = replica;
    this.db = {
      // The configuration checks that the binding has this method, which nothing calls.
      batch: () => Promise.reject(new Error('a call outside of a session')),
      withSession: (constraint = 'first-unconstrained') => this.#session(constraint),
    } as unknown as D1Database;
  }

  /** Copies the present state of the primary to the replica, and returns its bookmark. */
  async catchUp(): Promise<string> {
    const session = this.#primary.withSession('first-primary');
    const found = await session.batch<Record<string, unknown>>(
      tables.map(({ name, columns }) => {
        const stored = columns.filter(({ generated }) => generated === undefined);
        return session.prepare(`SELECT ${stored.map((column) => column.name)} FROM ${name}`);
      }),
    );
    const copied = tables.flatMap(({ name }, i) => [
      this.#replica.prepare(`DELETE FROM ${name}`),
      ...(found[i]?.results ?? []).map((row) => {
        const names = Object.keys(row);
        const sql = `INSERT INTO ${name} (${names}) VALUES (${names.map(() => '?')})`;
        return this.#replica.prepare(sql).bind(...Object.values(row));
      }),
    ]);
    const defer = this.#replica.prepare('PRAGMA defer_foreign_keys = on');
    await this.#replica.batch([defer, ...copied]);
    this.#stateOfReplica = session.getBookmark() ?? OLDEST;
    return this.#stateOfReplica;
  }

  #session(constraint: string) {
    let bookmark = constraint.startsWith('first-') ? null : constraint;
    let isFirst = true;
    const run = async (statements: readonly Statement[]): Promise<D1Result[]> => {
      const isPrimary =
        (isFirst && constraint === 'first-primary') || (bookmark ?? '') > this.#stateOfReplica;
      isFirst = false;
      this.servedBy.push(isPrimary ? 'primary' : 'replica');
      const session = (isPrimary ? this.#primary : this.#replica).withSession('first-primary');
      const results = await session.batch(
        statements.map(({ sql, values }) => session.prepare(sql).bind(...values)),
      );
      const answered = (isPrimary ? session.getBookmark() : null) ?? this.#stateOfReplica;
      bookmark = bookmark !== null && bookmark > answered ? bookmark : answered;
      return results;
    };
    const statement = (sql: string, values: readonly unknown[]): Statement => {
      const made: Statement = {
        sql,
        values,
        bind: (...others) => statement(sql, others),
        all: async () => (await run([made]))[0] as D1Result,
      };
      return made;
    };
    return {
      prepare: (sql: string) => statement(sql, []),
      batch: run,
      getBookmark: () => bookmark,
    };
  }
}
