import { Deadline } from './deadline.ts';
import { CallerRevoked, DatabaseUnavailable, faultOf } from './errors.ts';
import {
  built,
  type InOrder,
  membersOf,
  type Rows,
  type Statement,
  type Statements,
} from './statements.ts';

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

/** What the D1 calls of a request cost: round trips, rows (which are billed), and milliseconds. */
export interface Cost {
  trips: number;
  rowsRead: number;
  rowsWritten: number;
  duration: number;
}

/** The form of D1's bookmarks. The header is ignored if it holds anything else. */
const BOOKMARK = /^[0-9a-f]{8}(?:-[0-9a-f]{8}){2}-[0-9a-f]{32}$/;

const MAX_ATTEMPTS = 3;
/** The longest wait before the second attempt. Each further attempt waits up to twice as long. */
const BACKOFF_MS = 50;

/** The result of a write. */
export interface Written<S extends Statements> {
  readonly rows: Rows<S>;
  /**
   * Whether an earlier attempt failed in a way that leaves open whether it took effect. The rows are
   * those of the last attempt, which may have found nothing left to do.
   */
  readonly repeated: boolean;
}

/**
 * Refuses to conclude from a repeated write which found nothing to do that nothing was done: its first
 * attempt may have done it. The caller is asked to look.
 *
 * @throws DatabaseUnavailable when the write was repeated.
 */
export function requireCertain(repeated: boolean): void {
  if (repeated) {
    throw new DatabaseUnavailable('the outcome of a repeated write is unknown', false);
  }
}

/** The database of one request, through the D1 Sessions API, so that a nearby replica may serve reads. */
export class Database {
  readonly #d1: D1Database;
  readonly #session: D1DatabaseSession;
  /** The session with the primary. It is made when it is first needed. */
  #primary: D1DatabaseSession | undefined;
  readonly #timeoutMs: number;
  #deadline: Deadline;
  #wrote = false;
  #guard: WriteGuard | undefined;
  readonly cost: Cost = { trips: 0, rowsRead: 0, rowsWritten: 0, duration: 0 };

  /**
   * @param bookmark the bookmark of an earlier write: reads are at least as new. An invalid one is ignored.
   * @param timeoutMs milliseconds that all calls of the request may take together.
   */
  constructor(d1: D1Database, bookmark: string | undefined, timeoutMs: number) {
    this.#d1 = d1;
    this.#session = d1.withSession(
      bookmark !== undefined && BOOKMARK.test(bookmark) ? bookmark : 'first-unconstrained',
    );
    this.#timeoutMs = timeoutMs;
    this.#deadline = new Deadline(timeoutMs);
  }

  /**
   * Gives the calls from now on the whole time again. A streamed response is read as slowly as its
   * reader likes, so its calls cannot share one deadline.
   */
  renewDeadline(): void {
    this.#deadline = new Deadline(this.#timeoutMs);
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
   * Runs statements that only read, in one round trip, and repeats them after a fault that should pass.
   *
   * @returns the rows of each statement, under its name.
   * @throws DatabaseUnavailable when D1 cannot answer just now, DatabaseFault for any other fault.
   */
  async read<S extends Statements>(statements: S & InOrder<S>): Promise<Rows<S>> {
    return (await this.#repeat<S>(statements, this.#session)).rows;
  }

  /**
   * Reads from the primary, and never from a replica that lags behind. It serves what must hold
   * everywhere at once, such as the credentials of a caller.
   *
   * @see read
   */
  async readPrimary<S extends Statements>(statements: S & InOrder<S>): Promise<Rows<S>> {
    this.#primary ??= this.#d1.withSession('first-primary');
    return (await this.#repeat<S>(statements, this.#primary)).rows;
  }

  /**
   * Runs statements in the order of their members, in one transaction and one round trip: all or
   * nothing. After a fault that should pass it runs them again, so they must do no harm when the first
   * attempt took effect.
   *
   * @returns the rows of each statement, under its name.
   * @throws DatabaseUnavailable when D1 cannot answer just now, DatabaseFault for any other fault, and
   * the refusal of the guard when the guard stopped the write.
   */
  async write<S extends Statements>(statements: S & InOrder<S>): Promise<Written<S>> {
    this.#wrote = true;
    const guard = this.#guard;
    try {
      return await this.#repeat<S>(statements, this.#session, guard?.statement());
    } catch (error) {
      throw guard !== undefined && error instanceof CallerRevoked ? guard.refusal() : error;
    }
  }

  async #repeat<S extends Statements>(
    statements: S,
    session: D1DatabaseSession,
    guard?: Statement,
  ): Promise<Written<S>> {
    for (let attempt = 1; ; attempt++) {
      try {
        return { rows: await this.#run(statements, session, guard), repeated: attempt > 1 };
      } catch (error) {
        const fault = faultOf(error);
        const waitMs = Math.random() * BACKOFF_MS * 2 ** (attempt - 1);
        const passing = fault instanceof DatabaseUnavailable && fault.passing;
        // An earlier attempt may have taken effect, and may itself have revoked the caller, as a
        // rotation of the API key in use does. A refusal would then claim that nothing was written.
        requireCertain(fault instanceof CallerRevoked && attempt > 1);
        if (!passing || attempt === MAX_ATTEMPTS || !this.#deadline.allows(waitMs)) {
          throw fault;
        }
        await scheduler.wait(waitMs);
      }
    }
  }

  /** Runs the guard, if there is one, and then the statements; the guard has no rows. */
  async #run<S extends Statements>(
    statements: S,
    session: D1DatabaseSession,
    guard: Statement | undefined,
  ): Promise<Rows<S>> {
    const named = membersOf<Statement>(statements);
    const all = named.map(([, statement]) => statement);
    const results = await this.#call(guard === undefined ? all : [guard, ...all], session);
    const first = results.length - named.length;
    return Object.fromEntries(
      named.map(([name], i) => [name, results[first + i]?.results]),
    ) as Rows<S>;
  }

  /** Makes one D1 call and adds up what it cost. */
  async #call(statements: readonly Statement[], session: D1DatabaseSession): Promise<D1Result[]> {
    this.cost.trips += 1;
    const prepared = statements.map((statement) => {
      const { text, values } = built(statement);
      return session.prepare(text).bind(...values);
    });
    const results = await this.#deadline.limit(execute(prepared, session));
    for (const { meta } of results) {
      this.cost.rowsRead += meta.rows_read;
      this.cost.rowsWritten += meta.rows_written;
      this.cost.duration += meta.duration;
    }
    return results;
  }
}

/** Executes statements. A single one is a transaction of its own, and cheaper than a batch of one. */
async function execute(
  statements: D1PreparedStatement[],
  session: D1DatabaseSession,
): Promise<D1Result[]> {
  const [only, ...others] = statements;
  return only !== undefined && others.length === 0 ? [await only.all()] : session.batch(statements);
}
