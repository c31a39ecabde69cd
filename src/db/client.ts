import { fillPlaceholders, type SQL, type SQLWrapper } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/d1';
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';
import { CallerRevoked, DatabaseUnavailable, faultOf } from './errors.ts';

/**
 * Builds statements and never runs one: what runs them is `Database`, so that every statement
 * is counted, and none costs a round trip of its own.
 */
export const query = drizzle(null as unknown as D1Database);

const dialect = new SQLiteAsyncDialect();

/**
 * A statement in SQL, or one of drizzle's builders. Rows come back as D1 names their columns, so a
 * builder selects columns under their own names.
 */
export type Statement =
  | SQL
  | (SQLWrapper & { readonly _: { readonly result: unknown } })
  | CompiledStatement<unknown>;

/** A statement that needs no more building: text and values. */
export interface CompiledStatement<Row> {
  readonly text: string;
  readonly values: unknown[];
  readonly _: { readonly result: Row[] };
}

/**
 * Compiles a statement whose text is always the same, once per isolate: building SQL costs more than
 * all else that a small read does here.
 *
 * @param statement with `sql.placeholder(name)` where a value comes.
 * @returns gives the statement with the values, by the names of their placeholders.
 */
export function compile<Row, Name extends string>(
  statement: SQL<Row>,
): (values: Record<Name, unknown>) => CompiledStatement<Row> {
  const { sql: text, params } = dialect.sqlToQuery(statement);
  return (values) => ({
    text,
    values: fillPlaceholders(params, values),
    _: undefined as never,
  });
}

function built(statement: SQLWrapper) {
  const { sql: text, params: values } = dialect.sqlToQuery(statement.getSQL());
  return { text, values };
}

/** The rows of each statement: `sql<Row>` gives `Row[]`, a builder its result. */
type Rows<S extends readonly Statement[]> = {
  -readonly [K in keyof S]: S[K] extends SQL<infer R>
    ? R[]
    : S[K] extends { readonly _: { readonly result: infer R } }
      ? R
      : never;
};

/**
 * Stops the writes of a caller that was revoked after it was authenticated. Authentication and write
 * are two D1 calls, so only a check inside the transaction of the write sees every earlier revocation.
 */
export interface WriteGuard {
  /** Returns the statement that runs first in each write and fails in order to stop it. @see requiring */
  statement(): Statement;
  /** Returns the error that a stopped write throws. */
  refusal(): Error;
}

/** What D1 did for a request: round trips, rows (which are billed), and milliseconds. */
export interface Cost {
  trips: number;
  rowsRead: number;
  rowsWritten: number;
  duration: number;
}

/** Bookmarks of D1 look like this; anything else in the header is ignored. */
const BOOKMARK = /^[0-9a-f]{8}(?:-[0-9a-f]{8}){2}-[0-9a-f]{32}$/;

/** Runs of a batch, the first one included. */
const ATTEMPTS = 3;
/** Milliseconds before a second run, at most; each further one waits up to twice as long. */
const BACKOFF = 50;

/** What a write gave. */
export interface Written<R> {
  readonly rows: R;
  /**
   * Whether an earlier run failed in a way that leaves open if it took effect. The rows then tell of
   * the last run: one that found nothing to do may have come after one that did it.
   */
  readonly repeated: boolean;
}

/**
 * For a write that, after a repetition, found nothing to do: whether its first run did it cannot be
 * told, so the caller is asked to find out.
 *
 * @throws DatabaseUnavailable
 */
export function requireCertain(repeated: boolean): void {
  if (repeated) {
    throw new DatabaseUnavailable('the outcome of a repeated write is unknown', false);
  }
}

/** The database of one request, through the D1 Sessions API, so that a replica near the caller may answer. */
export class Database {
  readonly #d1: D1Database;
  readonly #session: D1DatabaseSession;
  /** Asks the primary; made when it is first needed. */
  #primary: D1DatabaseSession | undefined;
  /** Milliseconds since 1970 after which no answer is waited for. */
  readonly #deadline: number;
  /** Rejects at the deadline. */
  #late: Promise<never> | undefined;
  #wrote = false;
  #guard: WriteGuard | undefined;
  readonly cost: Cost = { trips: 0, rowsRead: 0, rowsWritten: 0, duration: 0 };

  /**
   * @param bookmark of an earlier write: reads are at least as new. An invalid one is ignored.
   * @param patience milliseconds that all calls of the request may take together.
   */
  constructor(d1: D1Database, bookmark: string | undefined, patience: number) {
    this.#d1 = d1;
    this.#session = d1.withSession(
      bookmark !== undefined && BOOKMARK.test(bookmark) ? bookmark : 'first-unconstrained',
    );
    this.#deadline = Date.now() + patience;
  }

  /** The bookmark of what this request wrote, or found written by an earlier one; null if it only read. */
  get bookmark(): string | null {
    return this.#wrote ? this.#session.getBookmark() : null;
  }

  /** Runs the statement of a guard first in every later write of this request. */
  guardWrites(guard: WriteGuard): void {
    this.#guard = guard;
  }

  /**
   * Runs statements that only read, in one round trip; runs them again on a fault that should pass.
   *
   * @returns the rows of each.
   * @throws DatabaseUnavailable when D1 cannot answer just now, DatabaseFault for any other fault.
   */
  async read<const S extends readonly Statement[]>(statements: S): Promise<Rows<S>> {
    return (await this.#repeat(statements, this.#session)).rows;
  }

  /**
   * The same, from the primary and never from a replica that lags behind: for what must be true
   * everywhere at once, such as who may call.
   */
  async readPrimary<const S extends readonly Statement[]>(statements: S): Promise<Rows<S>> {
    this.#primary ??= this.#d1.withSession('first-primary');
    return (await this.#repeat(statements, this.#primary)).rows;
  }

  /**
   * Runs the statements in order, in one transaction and one round trip: all or nothing. On a fault
   * that should pass it runs them again, so that they must do no harm when the first run took effect.
   *
   * @throws DatabaseUnavailable when D1 cannot answer just now, DatabaseFault for any other fault, and
   * the refusal of the guard when that stopped the write.
   */
  async write<const S extends readonly Statement[]>(statements: S): Promise<Written<Rows<S>>> {
    this.#wrote = true;
    const guard = this.#guard;
    if (guard === undefined) {
      return this.#repeat(statements, this.#session);
    }
    try {
      const guarded: readonly Statement[] = [guard.statement(), ...statements];
      const { rows, repeated } = await this.#repeat(guarded, this.#session);
      return { rows: rows.slice(1) as Rows<S>, repeated };
    } catch (error) {
      throw error instanceof CallerRevoked ? guard.refusal() : error;
    }
  }

  async #repeat<const S extends readonly Statement[]>(
    statements: S,
    session: D1DatabaseSession,
  ): Promise<Written<Rows<S>>> {
    for (let attempt = 1; ; attempt++) {
      try {
        return { rows: await this.#run(statements, session), repeated: attempt > 1 };
      } catch (error) {
        const fault = faultOf(error);
        const wait = Math.random() * BACKOFF * 2 ** (attempt - 1);
        const passing = fault instanceof DatabaseUnavailable && fault.passing;
        // An earlier run may have taken effect, and may itself have revoked the caller, as a rotation
        // of the API key in use does. A refusal would then claim that nothing was written.
        requireCertain(fault instanceof CallerRevoked && attempt > 1);
        if (!passing || attempt === ATTEMPTS || Date.now() + wait > this.#deadline) {
          throw fault;
        }
        await scheduler.wait(wait);
      }
    }
  }

  async #run<const S extends readonly Statement[]>(
    statements: S,
    session: D1DatabaseSession,
  ): Promise<Rows<S>> {
    this.cost.trips += 1;
    const results = await this.#inTime(
      this.#execute(
        statements.map((statement) => {
          const { text, values } = 'text' in statement ? statement : built(statement);
          return session.prepare(text).bind(...values);
        }),
        session,
      ),
    );
    for (const { meta } of results) {
      this.cost.rowsRead += meta.rows_read;
      this.cost.rowsWritten += meta.rows_written;
      this.cost.duration += meta.duration;
    }
    return results.map(({ results: rows }) => rows) as Rows<S>;
  }

  /** A single statement is a transaction of its own, and cheaper than a batch of one. */
  async #execute(
    statements: D1PreparedStatement[],
    session: D1DatabaseSession,
  ): Promise<D1Result[]> {
    const [only, ...others] = statements;
    return only !== undefined && others.length === 0
      ? [await only.all()]
      : session.batch(statements);
  }

  /**
   * A D1 call cannot be called off; past the deadline its answer is no longer waited for. One timer
   * serves all calls of the request and ends with it: to clear it costs more than to leave it.
   */
  #inTime<T>(answer: Promise<T>): Promise<T> {
    this.#late ??= new Promise<never>((_, reject) => {
      setTimeout(
        () => reject(new DatabaseUnavailable('no answer before the deadline', false)),
        Math.max(0, this.#deadline - Date.now()),
      );
    });
    return Promise.race([answer, this.#late]);
  }
}
