/** A fault of D1 that is a bug of ours: the message names no SQL text and no value. */
export class DatabaseFault extends Error {
  override readonly name: string = 'DatabaseFault';
}

/** D1 cannot answer just now; the same request can succeed later. */
export class DatabaseUnavailable extends DatabaseFault {
  override readonly name = 'DatabaseUnavailable';
  /** Whether trying again at once makes sense; an overloaded database is better left alone. */
  readonly passing: boolean;

  constructor(message: string, passing: boolean) {
    super(message);
    this.passing = passing;
  }
}

/** A write that its guard stopped, so that nothing of it was written. */
export class CallerRevoked extends DatabaseFault {
  override readonly name = 'CallerRevoked';
}

/** The malformed JSON path that a guard fails with, and by which its fault is recognised. */
export const REVOKED = 'caller-revoked';

/** Faults that Cloudflare documents as worth a retry, by a part of their message. */
const PASSING = [
  'Network connection lost',
  'storage caused object to be reset',
  'reset because its code was updated',
  'Internal error in D1',
  'Cannot resolve D1 DB',
  'client disconnected',
  // Not of Cloudflare's list: what the local runtime throws while another process, such as the partner
  // command, writes to the same database.
  'SQLITE_BUSY',
  'Failed to get session commit token',
];

/** Faults that say to leave it alone for a while. */
const OVERLOADED = [
  'overloaded',
  'storage operation exceeded timeout',
  'exceeded its CPU time limit',
  'exceeded its memory limit',
  'Memory limit would be exceeded',
];

/** The first line of the innermost message: drizzle's own holds the SQL and its values. */
function causeOf(error: unknown): string {
  const { cause, message } = error as { cause?: unknown; message?: unknown };
  if (cause instanceof Error) {
    return causeOf(cause);
  }
  return String(message).split('\n', 1)[0] as string;
}

/** Classifies what a D1 call threw. The result carries nothing of the statement. */
export function faultOf(error: unknown): DatabaseFault {
  if (error instanceof DatabaseFault) {
    return error;
  }
  const message = causeOf(error);
  const has = (part: string) => message.includes(part);
  if (has(`'${REVOKED}'`)) {
    return new CallerRevoked(message);
  }
  if (OVERLOADED.some(has)) {
    return new DatabaseUnavailable(message, false);
  }
  if (PASSING.some(has)) {
    return new DatabaseUnavailable(message, true);
  }
  return new DatabaseFault(message);
}
