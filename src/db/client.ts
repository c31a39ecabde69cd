import type { SQL, SQLWrapper } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/d1';
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';
import { faultOf } from './errors.ts';

/**
 * Builds statements and never runs one: what runs them is `Database.batch`, so that every statement
 * is counted, and none costs a round trip of its own.
 */
export const query = drizzle(null as unknown as D1Database);

const dialect = new SQLiteAsyncDialect();

/**
 * A statement in SQL, or one of drizzle's builders. Rows come back as D1 names their columns, so a
 * builder selects columns under their own names.
 */
export type Statement = SQL | (SQLWrapper & { readonly _: { readonly result: unknown } });

/** The rows of each statement: `sql<Row>` gives `Row[]`, a builder its result. */
type Rows<S extends readonly Statement[]> = {
  -readonly [K in keyof S]: S[K] extends SQL<infer R>
    ? R[]
    : S[K] extends { readonly _: { readonly result: infer R } }
      ? R
      : never;
};

/** What D1 did for a request: round trips, rows (which are billed), and milliseconds. */
export interface Cost {
  trips: number;
  rowsRead: number;
  rowsWritten: number;
  duration: number;
}

/** Bookmarks of D1 look like this; anything else in the header is ignored. */
const BOOKMARK = /^[0-9a-f]{8}(?:-[0-9a-f]{8}){2}-[0-9a-f]{32}$/;

/** The database of one request, through the D1 Sessions API, so that a replica near the caller may answer. */
export class Database {
  readonly #session: D1DatabaseSession;
  readonly cost: Cost = { trips: 0, rowsRead: 0, rowsWritten: 0, duration: 0 };

  /** @param bookmark of an earlier write: reads are at least as new. An invalid one is ignored. */
  constructor(d1: D1Database, bookmark?: string) {
    this.#session = d1.withSession(
      bookmark !== undefined && BOOKMARK.test(bookmark) ? bookmark : 'first-unconstrained',
    );
  }

  /** The bookmark of what this request has seen or written; null before its first statement. */
  get bookmark(): string | null {
    return this.#session.getBookmark();
  }

  /**
   * Runs the statements in order, in one transaction and one round trip: all or nothing.
   *
   * @returns the rows of each.
   * @throws DatabaseUnavailable when D1 cannot answer just now, DatabaseFault for any other fault.
   */
  async batch<const S extends readonly Statement[]>(statements: S): Promise<Rows<S>> {
    try {
      this.cost.trips += 1;
      const results = await this.#session.batch(
        statements.map((statement) => {
          const { sql, params } = dialect.sqlToQuery(statement.getSQL());
          return this.#session.prepare(sql).bind(...params);
        }),
      );
      for (const { meta } of results) {
        this.cost.rowsRead += meta.rows_read;
        this.cost.rowsWritten += meta.rows_written;
        this.cost.duration += meta.duration;
      }
      return results.map(({ results: rows }) => rows) as Rows<S>;
    } catch (error) {
      throw faultOf(error);
    }
  }
}
