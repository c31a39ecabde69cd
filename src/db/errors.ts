/**
 * A permanent fault of a D1 call, which is a bug of this API. The message contains no SQL and no value.
 */
export class DatabaseFault extends Error {
  override readonly name: string = 'DatabaseFault';
  /** The name of the home whose database had the fault, if it is known. */
  home?: string | undefined;
}

/** A temporary fault of D1. The same request can succeed later. */
export class DatabaseUnavailable extends DatabaseFault {
  override readonly name: string = 'DatabaseUnavailable';
  /** Whether an immediate retry makes sense. It does not if the database is overloaded. */
  readonly isTransient: boolean;

  constructor(message: string, isTransient: boolean) {
    super(message);
    this.isTransient = isTransient;
  }
}

/** A call that was not made, because its invocation has no D1 queries left. A later invocation can make it. */
export class QueriesSpent extends DatabaseUnavailable {
  override readonly name = 'QueriesSpent';

  constructor() {
    super('the invocation may make no further D1 query', false);
  }
}

/**
 * A call that D1 refused because a limit on the stored data or on the daily use is reached. It fails again until
 * an operator acts, or until the next day. Reads go on, unless D1 refuses them too.
 */
export class DatabaseFull extends DatabaseUnavailable {
  override readonly name = 'DatabaseFull';
  /** What has reached its limit: this database, or all databases of the account together. */
  readonly full: 'database' | 'account';

  constructor(message: string, full: 'database' | 'account') {
    super(message, false);
    this.full = full;
  }
}

/**
 * A call that reached the deadline because it had to wait for other calls of its partner. The database is well: if it did
 * not answer, the calls in front would have failed too, without this reason.
 */
export class QueueTimeout extends DatabaseUnavailable {
  override readonly name = 'QueueTimeout';

  constructor() {
    super('other calls of the partner took the time until the deadline', false);
  }
}

/**
 * A database that is not the one of the home whose binding leads to it. Nothing was read or written. It counts as a
 * database that does not answer.
 */
class WrongHome extends DatabaseUnavailable {
  override readonly name = 'WrongHome';

  constructor() {
    super('the table home of the database does not name this home, or is missing', false);
  }
}

/** Why a gate stops a call: what is wrong with the caller, by the malformed JSON path that says so. */
const GATE_REASONS = [
  'api-key-invalid',
  'client-invalid',
  'partner-mismatch',
  'token-revoked',
  'scope-missing',
] as const;

/** Why a gate stops a call. */
export type GateReason = (typeof GATE_REASONS)[number];

/** A call that its gate stopped. Nothing after the gate was read or written. */
export class GateClosed extends DatabaseFault {
  override readonly name = 'GateClosed';
  readonly reason: GateReason;

  constructor(reason: GateReason) {
    super('the gate of the caller is closed');
    this.reason = reason;
  }
}

/** A repeated write whose first attempt already took effect. The repetition wrote nothing. */
export class AlreadyRecorded extends DatabaseFault {
  override readonly name = 'AlreadyRecorded';
}

/** The faults that statements cause on purpose, by the malformed JSON path that identifies them. */
const INTENDED_FAULTS = {
  'already-recorded': AlreadyRecorded,
  'wrong-home': WrongHome,
} as const;

/** The malformed JSON path with which a statement fails on purpose. */
export type FaultPath = keyof typeof INTENDED_FAULTS;

/**
 * Parts of the messages of faults that Cloudflare recommends to retry.
 *
 * @see https://developers.cloudflare.com/d1/observability/debug-d1/
 */
const TRANSIENT_FAULTS = [
  'Network connection lost',
  'storage caused object to be reset',
  'reset because its code was updated',
  'Internal error in D1',
  'Cannot resolve D1 DB',
  'client disconnected',
  // These two are not in Cloudflare's list. The local runtime throws them while another process, such as
  // the partner command, writes to the same database.
  'SQLITE_BUSY',
  'Failed to get session commit token',
];

/** Parts of the messages of faults after which an immediate retry would make things worse. */
const OVERLOAD_FAULTS = [
  'overloaded',
  'storage operation exceeded timeout',
  'exceeded its CPU time limit',
  'exceeded its memory limit',
  'Memory limit would be exceeded',
];

/**
 * Parts of the messages of faults after which something is full. D1 sends the ones of the account for the storage
 * of all its databases, and for the rows that a free account may read and write in a day.
 *
 * @see https://developers.cloudflare.com/d1/platform/limits/
 */
const FULL_FAULTS = {
  database: ['Exceeded maximum DB size', 'database or disk is full', 'SQLITE_FULL'],
  account: ["account has exceeded D1's", 'maximum account storage'],
} as const;

/**
 * Returns the first line of the innermost message. The outer message of drizzle contains SQL and
 * values.
 */
function readCause(error: unknown): string {
  const { cause, message } = error as { cause?: unknown; message?: unknown };
  if (cause instanceof Error) {
    return readCause(cause);
  }
  return String(message).split('\n', 1)[0] as string;
}

/** Returns whether a call failed because a table or a column does not exist, as before a migration. */
export function lacksSchema(error: unknown): boolean {
  const message = readCause(error);
  return ['no such table', 'no such column'].some((part) => message.includes(part));
}

/** Classifies an error that a D1 call threw. The result contains no part of the statement. */
export function classifyFault(error: unknown): DatabaseFault {
  if (error instanceof DatabaseFault) {
    return error;
  }
  const message = readCause(error);
  const has = (part: string) => message.includes(part);
  const reason = GATE_REASONS.find((one) => has(`'${one}'`));
  if (reason !== undefined) {
    return new GateClosed(reason);
  }
  for (const [path, Fault] of Object.entries(INTENDED_FAULTS)) {
    if (has(`'${path}'`)) {
      return new Fault(message);
    }
  }
  if (has('no such table: home')) {
    return new WrongHome();
  }
  for (const full of ['database', 'account'] as const) {
    if (FULL_FAULTS[full].some(has)) {
      return new DatabaseFull(message, full);
    }
  }
  if (OVERLOAD_FAULTS.some(has)) {
    return new DatabaseUnavailable(message, false);
  }
  if (TRANSIENT_FAULTS.some(has)) {
    return new DatabaseUnavailable(message, true);
  }
  return new DatabaseFault(message);
}
