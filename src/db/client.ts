import { Deadline } from './deadline.ts';
import { CallerRevoked, classifyFault, DatabaseUnavailable } from './errors.ts';
import { type Identity, isVerified, rememberVerified, requireIdentity } from './identity.ts';
import type { PartnerLines } from './partner-lines.ts';
import {
  build,
  type InOrder,
  membersOf,
  type OwnedStatement,
  type Rows,
  type Statement,
  type Statements,
} from './statements.ts';

/**
 * Stops the writes of a caller that was revoked after it was authenticated. Authentication and write are
 * separate D1 calls, so only a check in the transaction of the write sees every earlier revocation.
 */
export interface WriteGuard {
  /**
   * Returns the statement that runs first in each write, and fails to stop it.
   *
   * @see failUnless
   */
  statement(): OwnedStatement;
  /** Returns the error that a stopped write throws. */
  refusal(): Error;
}

/** The cost of the D1 calls of a request. D1 bills rows read and rows written. */
export interface Cost {
  roundTrips: number;
  rowsRead: number;
  rowsWritten: number;
  /** The execution time in the database, as D1 reports it. */
  durationMs: number;
}

const noCost = (): Cost => ({ roundTrips: 0, rowsRead: 0, rowsWritten: 0, durationMs: 0 });

/** The size of a database at which D1 refuses every further row. */
export const MAX_DATABASE_BYTES = 10_000_000_000;

/** Matches D1 bookmarks. A header with any other value is ignored. */
const BOOKMARK = /^[0-9a-f]{8}(?:-[0-9a-f]{8}){2}-[0-9a-f]{32}$/;

/** The maximum number of times that a call is attempted, including the first. */
const MAX_ATTEMPTS = 3;
/** The maximum wait before the second attempt. The maximum doubles with each further attempt. */
const MAX_FIRST_BACKOFF_MS = 50;

/** The result of a write: its rows, and whether the write was retried. */
export interface Written<S extends Statements> {
  readonly rows: Rows<S>;
  /**
   * Whether an earlier attempt failed after it could have taken effect. `rows` are those of the last
   * attempt, which can be empty because the earlier attempt already wrote.
   */
  readonly repeated: boolean;
}

/**
 * Throws if a write was repeated. A repeated write that changed no row leaves open whether its first
 * attempt changed one, so the response must not claim that nothing was written.
 *
 * @param repeated whether the write was repeated.
 * @throws DatabaseUnavailable if the write was repeated.
 */
export function requireCertain(repeated: boolean): void {
  if (repeated) {
    throw new DatabaseUnavailable('the outcome of a repeated write is unknown', false);
  }
}

/**
 * The database connection of one request. It uses the D1 Sessions API, so a nearby replica can serve
 * reads. It runs only statements that name a partner, unless `ofAllPartners` or `beforeAuthentication` says why not; a
 * test lists each use of these two. `in` keeps the compiler from taking it for a connection that runs any statement.
 *
 * @see https://developers.cloudflare.com/d1/best-practices/read-replication/
 */
export class Database<in One extends Statement = OwnedStatement> {
  readonly #d1: D1Database;
  readonly #session: D1DatabaseSession;
  /** The session whose first query reaches the primary, created on first use. */
  #primary: D1DatabaseSession | undefined;
  readonly #home: Identity | undefined;
  readonly #timeoutMs: number;
  #deadline: Deadline;
  #wrote = false;
  #guard: WriteGuard | undefined;
  #enterLine: (() => ReturnType<PartnerLines['enter']>) | undefined;
  /** The same connection for what concerns all partners: cron tasks, the operator, and reports of leaked secrets. */
  readonly ofAllPartners = this as unknown as Database<Statement>;
  /** The same connection for what runs before the caller is known, such as the lookup of a credential. */
  readonly beforeAuthentication = this as unknown as Database<Statement>;
  readonly cost: Cost;
  /** The size of the database after the last call, as D1 reports it; undefined before a call succeeds. */
  sizeBytes: number | undefined;

  /**
   * @param d1 the D1 binding.
   * @param bookmark the bookmark of an earlier write. Reads see at least that state. An invalid bookmark
   * is ignored.
   * @param timeoutMs the time limit for all calls of the request together, in milliseconds.
   * @param home the home that the database must be, which the first call in the isolate verifies; undefined for any.
   * @param cost to which the calls add their cost, so that a request with several databases has one sum.
   */
  constructor(
    d1: D1Database,
    bookmark: string | undefined,
    timeoutMs: number,
    { home, cost = noCost() }: { readonly home?: Identity; readonly cost?: Cost | undefined } = {},
  ) {
    this.#d1 = d1;
    this.#home = home;
    this.cost = cost;
    this.#session = d1.withSession(
      bookmark !== undefined && BOOKMARK.test(bookmark) ? bookmark : 'first-unconstrained',
    );
    this.#timeoutMs = timeoutMs;
    this.#deadline = new Deadline(timeoutMs);
  }

  /**
   * Restarts the time limit for the following calls. The body of a request arrives as slowly as its caller sends it,
   * and a streamed response is read as slowly as its reader likes, so the calls before and after share no deadline.
   */
  renewDeadline(): void {
    this.#deadline = new Deadline(this.#timeoutMs);
  }

  /**
   * The bookmark after the writes of this request, including one that found a replay; null if it only
   * read.
   */
  get bookmark(): string | null {
    return this.#wrote ? this.#session.getBookmark() : null;
  }

  /** Makes every later write of this request run the statement of a guard first. */
  guardWrites(guard: WriteGuard): void {
    this.#guard = guard;
  }

  /** Makes every later D1 call of this request wait in the line of a partner. */
  waitInLine(lines: PartnerLines, partnerId: number): void {
    this.#enterLine = () => lines.enter(partnerId, this.#deadline);
  }

  /**
   * Runs read-only statements in one round trip, and retries after a transient fault.
   *
   * @returns the rows of each statement, under its name.
   * @throws DatabaseUnavailable if D1 is temporarily unavailable; DatabaseFault for any other fault.
   */
  async read<S extends Statements<One>>(statements: S & InOrder<S>): Promise<Rows<S>> {
    return (await this.#runWithRetries<S>(statements, this.#session)).rows;
  }

  /**
   * Reads at least the state that the primary had at the first such call of the request. A replica can lag behind
   * that. It is for data that must be current everywhere, such as the credentials of a caller. Only the first call is
   * sure to reach the primary; a replica may serve the later ones once it has that state.
   *
   * @see read
   */
  async readPrimary<S extends Statements<One>>(statements: S & InOrder<S>): Promise<Rows<S>> {
    this.#primary ??= this.#d1.withSession('first-primary');
    return (await this.#runWithRetries<S>(statements, this.#primary)).rows;
  }

  /**
   * Runs statements in the order of their members, in one transaction and one round trip. It retries
   * after a transient fault, so the statements must be safe to run again after they took effect.
   *
   * @param again returns the statements of every attempt but the first, if they are others.
   * @returns the rows of each statement, under its name.
   * @throws DatabaseUnavailable if D1 is temporarily unavailable; DatabaseFault for any other fault; the
   * refusal of the guard if the guard stopped the write.
   */
  async write<S extends Statements<One>>(
    statements: S & InOrder<S>,
    again: () => NoInfer<S> = () => statements,
  ): Promise<Written<S>> {
    this.#wrote = true;
    const guard = this.#guard;
    try {
      return await this.#runWithRetries<S>(statements, this.#session, guard?.statement(), again);
    } catch (error) {
      throw guard !== undefined && error instanceof CallerRevoked ? guard.refusal() : error;
    }
  }

  /** Runs statements until they succeed, a fault is permanent, or no attempt or time is left. */
  async #runWithRetries<S extends Statements>(
    statements: S,
    session: D1DatabaseSession,
    guard?: Statement,
    again: () => S = () => statements,
  ): Promise<Written<S>> {
    for (let attempt = 1; ; attempt++) {
      try {
        const repeated = attempt > 1;
        const rows = await this.#run(repeated ? again() : statements, session, guard);
        return { rows, repeated };
      } catch (error) {
        const fault = classifyFault(error);
        fault.home ??= this.#home?.name;
        const waitMs = Math.random() * MAX_FIRST_BACKOFF_MS * 2 ** (attempt - 1);
        const isTransient = fault instanceof DatabaseUnavailable && fault.isTransient;
        // An earlier attempt can itself have revoked the caller, as a rotation of the API key in use
        // does. A refusal would then claim that nothing was written.
        requireCertain(fault instanceof CallerRevoked && attempt > 1);
        if (!isTransient || attempt === MAX_ATTEMPTS || !this.#deadline.allows(waitMs)) {
          throw fault;
        }
        await scheduler.wait(waitMs);
      }
    }
  }

  /**
   * Runs what verifies the home and the guard, where there is one, before the statements. Their rows are left out of
   * the result.
   */
  async #run<S extends Statements>(
    statements: S,
    session: D1DatabaseSession,
    guard: Statement | undefined,
  ): Promise<Rows<S>> {
    const named = membersOf<Statement>(statements);
    const all = named.map(([, statement]) => statement);
    const unverified =
      this.#home === undefined || isVerified(this.#d1, this.#home) ? undefined : this.#home;
    const run = [
      ...(unverified === undefined ? [] : [requireIdentity(unverified)]),
      ...(guard === undefined ? [] : [guard]),
      ...all,
    ];
    const results =
      this.#enterLine === undefined
        ? await this.#call(run, session)
        : await this.#callInTurn(run, session);
    if (unverified !== undefined) {
      rememberVerified(this.#d1, unverified);
    }
    const first = results.length - named.length;
    return Object.fromEntries(
      named.map(([name], i) => [name, results[first + i]?.results]),
    ) as Rows<S>;
  }

  /** Makes one D1 call, when it is its turn. */
  async #callInTurn(
    statements: readonly Statement[],
    session: D1DatabaseSession,
  ): Promise<D1Result[]> {
    const leaveLine = await this.#enterLine?.();
    const begunAt = Date.now();
    // A call without a response can go on for all the time that it was waited for.
    let tookMs: number | undefined;
    try {
      const results = await this.#call(statements, session);
      tookMs = results.reduce((sum, { meta }) => sum + meta.duration, 0);
      return results;
    } finally {
      // What a write may do is limited, so only reads can take the database long.
      leaveLine?.(this.#wrote ? 0 : (tookMs ?? Date.now() - begunAt));
    }
  }

  /** Makes one D1 call and adds its cost to `cost`. */
  async #call(statements: readonly Statement[], session: D1DatabaseSession): Promise<D1Result[]> {
    this.cost.roundTrips += 1;
    const prepared = statements.map((statement) => {
      const { text, values } = build(statement);
      return session.prepare(text).bind(...values);
    });
    const results = await this.#deadline.limit(execute(prepared, session));
    for (const { meta } of results) {
      this.cost.rowsRead += meta.rows_read;
      this.cost.rowsWritten += meta.rows_written;
      this.cost.durationMs += meta.duration;
      this.sizeBytes = meta.size_after;
    }
    return results;
  }
}

/** Executes statements as one transaction. A single statement needs no batch, which would cost more. */
async function execute(
  statements: D1PreparedStatement[],
  session: D1DatabaseSession,
): Promise<D1Result[]> {
  const [only, ...others] = statements;
  return only !== undefined && others.length === 0 ? [await only.all()] : session.batch(statements);
}
