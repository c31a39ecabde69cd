import { Cost } from './cost.ts';
import { Deadline } from './deadline.ts';
import { classifyFault, DatabaseUnavailable, GateClosed, QueueTimeout } from './errors.ts';
import type { Gate } from './gate.ts';
import { type Identity, isVerified, rememberVerified, requireIdentity } from './identity.ts';
import type { PartnerLines } from './partner-lines.ts';
import { Sessions } from './sessions.ts';
import {
  build,
  type InOrder,
  membersOf,
  type OwnedStatement,
  type Rows,
  type Statement,
  type Statements,
} from './statements.ts';

/** The size of a database at which D1 refuses every further row. */
export const MAX_DATABASE_BYTES = 10_000_000_000;

/** The maximum number of times that a call is attempted, including the first. */
const MAX_ATTEMPTS = 3;
/** The maximum wait before the second attempt. The maximum doubles with each further attempt. */
const MAX_FIRST_BACKOFF_MS = 50;

/** Whether a call writes, and whether it begins at the primary, as each write does. */
type Call = Readonly<Record<'isWrite' | 'isPrimary', boolean>>;

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
 * The database connection of one request. It runs only statements that name a partner, unless `ofAllPartners` or
 * `beforeAuthentication` says why not; a test lists each use of these two. `in` keeps the compiler from taking it for a
 * connection that runs any statement.
 */
export class Database<in One extends Statement = OwnedStatement> {
  readonly #d1: D1Database;
  readonly #sessions: Sessions;
  readonly #home: Identity | undefined;
  readonly #timeoutMs: number;
  #deadline: Deadline;
  #wrote = false;
  #gate: Gate | undefined;
  /** Whether a call has carried the gate. */
  #isGateAsked = false;
  /** Whether the gate has held, in this request or recently. */
  #isGatePassed = false;
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
   * @param bookmark the bookmark of an earlier response. Reads see at least that state, and a replica may serve them.
   * Without a valid bookmark, the first read goes to the primary.
   * @param timeoutMs the time limit for all calls of the request together, in milliseconds.
   * @param home the home that the database must be, which the first call in the isolate verifies; undefined for any.
   * @param cost to which the calls add their cost, so that an invocation with several databases has one sum, and one limit.
   */
  constructor(
    d1: D1Database,
    bookmark: string | undefined,
    timeoutMs: number,
    {
      home,
      cost = new Cost(),
    }: { readonly home?: Identity; readonly cost?: Cost | undefined } = {},
  ) {
    this.#d1 = d1;
    this.#home = home;
    this.cost = cost;
    this.#sessions = new Sessions(d1, bookmark);
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

  /** The bookmark of the state that the last successful call saw; null if there is none that D1 surely made. */
  get bookmark(): string | null {
    return this.#sessions.bookmark;
  }

  /**
   * Makes the following calls run the statement of a gate first: each write, and each read until it has held.
   *
   * @param isConfirmed whether the caller was confirmed recently, so that reads do without the gate.
   */
  setGate<Row>(gate: Gate<Row>, isConfirmed: boolean): void {
    this.#gate = gate as Gate;
    this.#isGateAsked = false;
    this.#isGatePassed = isConfirmed;
  }

  /**
   * Runs the gate in a round trip of its own, if there is one that no call has carried yet. A response that needed no
   * call thus comes from a caller who may have it.
   *
   * @throws the refusal of the gate; DatabaseUnavailable or DatabaseFault as a read.
   */
  async passGate(): Promise<void> {
    if (this.#gate !== undefined && !this.#isGateAsked && !this.#isGatePassed) {
      await this.#runWithRetries({}, { isWrite: false, isPrimary: true });
    }
  }

  /** Makes every later D1 call of this request wait in the line of a partner. */
  waitInLine(lines: PartnerLines, partnerId: number): void {
    this.#enterLine = () => lines.enter(partnerId, this.#deadline);
  }

  /**
   * Runs read-only statements in one round trip, and retries after a transient fault.
   *
   * @returns the rows of each statement, under its name.
   * @throws DatabaseUnavailable if D1 is temporarily unavailable; DatabaseFault for any other fault; the refusal of the
   * gate if it stopped the call.
   */
  async read<S extends Statements<One>>(statements: S & InOrder<S>): Promise<Rows<S>> {
    return (await this.#runWithRetries<S>(statements, { isWrite: false, isPrimary: false })).rows;
  }

  /**
   * Reads the state that the primary has now, at each attempt. It is for data that must be current everywhere, such as
   * the credentials of a caller.
   *
   * @see read
   */
  async readPrimary<S extends Statements<One>>(statements: S & InOrder<S>): Promise<Rows<S>> {
    return (await this.#runWithRetries<S>(statements, { isWrite: false, isPrimary: true })).rows;
  }

  /**
   * Runs statements in the order of their members, in one transaction and one round trip. It retries
   * after a transient fault, so the statements must be safe to run again after they took effect.
   *
   * @param again returns the statements of every attempt but the first, if they are others.
   * @returns the rows of each statement, under its name.
   * @throws DatabaseUnavailable if D1 is temporarily unavailable; DatabaseFault for any other fault; the
   * refusal of the gate if it stopped the write.
   */
  async write<S extends Statements<One>>(
    statements: S & InOrder<S>,
    again: () => NoInfer<S> = () => statements,
  ): Promise<Written<S>> {
    this.#wrote = true;
    return this.#runWithRetries<S>(statements, { isWrite: true, isPrimary: true }, again);
  }

  /** Runs statements until they succeed, a fault is permanent, or no attempt or time is left. */
  async #runWithRetries<S extends Statements>(
    statements: S,
    call: Call,
    again = () => statements,
  ): Promise<Written<S>> {
    for (let attempt = 1; ; attempt++) {
      try {
        const repeated = attempt > 1;
        const rows = await this.#run(repeated ? again() : statements, call);
        return { rows, repeated };
      } catch (error) {
        const fault = classifyFault(error);
        fault.home ??= this.#home?.name;
        const waitMs = Math.random() * MAX_FIRST_BACKOFF_MS * 2 ** (attempt - 1);
        const isTransient = fault instanceof DatabaseUnavailable && fault.isTransient;
        if (fault instanceof GateClosed) {
          // An earlier attempt can itself have revoked the caller, as a rotation of the API key in use
          // does. A refusal would then claim that nothing was written.
          requireCertain(call.isWrite && attempt > 1);
          await this.#gate?.refuse(fault.reason);
        }
        if (!isTransient || attempt === MAX_ATTEMPTS || !this.#deadline.allows(waitMs)) {
          throw fault;
        }
        await scheduler.wait(waitMs);
      }
    }
  }

  /**
   * Runs what verifies the home and the gate, where they are needed, before the statements. Their rows are left out of
   * the result. The gate reads credentials, so its call begins at the primary.
   */
  async #run<S extends Statements>(statements: S, call: Call): Promise<Rows<S>> {
    const named = membersOf<Statement>(statements);
    const unverified =
      this.#home === undefined || isVerified(this.#d1, this.#home) ? undefined : this.#home;
    const gate = call.isWrite || !this.#isGatePassed ? this.#gate : undefined;
    this.#isGateAsked ||= gate !== undefined;
    const before: Statement[] = [
      ...(unverified === undefined ? [] : [requireIdentity(unverified)]),
      ...(gate === undefined ? [] : [gate.statement()]),
    ];
    const run = [...before, ...named.map(([, statement]) => statement)];
    const results = await this.#sessions.run(call.isPrimary || gate !== undefined, (session) =>
      this.#enterLine === undefined ? this.#call(run, session) : this.#callInTurn(run, session),
    );
    if (unverified !== undefined) {
      rememberVerified(this.#d1, unverified);
    }
    if (gate !== undefined) {
      this.#isGatePassed = true;
      gate.confirm(results[before.length - 1]?.results[0]);
    }
    return Object.fromEntries(
      named.map(([name], i) => [name, results[before.length + i]?.results]),
    ) as Rows<S>;
  }

  /** Makes one D1 call, when it is its turn. */
  async #callInTurn(
    statements: readonly Statement[],
    session: D1DatabaseSession,
  ): Promise<D1Result[]> {
    const turn = await this.#enterLine?.();
    const begunAt = Date.now();
    // A call without a response can go on for all the time that it was waited for.
    let tookMs: number | undefined;
    try {
      const results = await this.#call(statements, session, turn?.hasWaited);
      tookMs = results.reduce((sum, { meta }) => sum + meta.duration, 0);
      return results;
    } finally {
      // What a write may do is limited, so only reads can take the database long.
      turn?.leave(this.#wrote ? 0 : (tookMs ?? Date.now() - begunAt));
    }
  }

  /**
   * Makes one D1 call and adds its cost to `cost`.
   *
   * @param hasWaited whether it waited in line, and so had only a part of the time.
   */
  async #call(
    statements: readonly Statement[],
    session: D1DatabaseSession,
    hasWaited = false,
  ): Promise<D1Result[]> {
    const prepared = statements.map((statement) => {
      const { text, values } = build(statement);
      return session.prepare(text).bind(...values);
    });
    const late = hasWaited ? () => new QueueTimeout() : undefined;
    const results = await this.cost.add(
      prepared.length,
      (call) => this.#deadline.limit(call, late),
      () => execute(prepared, session),
    );
    this.sizeBytes = results.at(-1)?.meta.size_after;
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
