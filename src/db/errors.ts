/** A fault of D1 that is a bug of ours: the message names no SQL text and no value. */
export class DatabaseFault extends Error {
  override readonly name: string = 'DatabaseFault';
}

/** D1 cannot answer just now; the same request can succeed later. */
export class DatabaseUnavailable extends DatabaseFault {
  override readonly name = 'DatabaseUnavailable';
}

/** The faults that Cloudflare documents as passing by themselves, by a part of their message. */
const PASSING = [
  'Network connection lost',
  'storage caused object to be reset',
  'reset because its code was updated',
  'overloaded',
  'Internal error in D1',
  'Cannot resolve D1 DB',
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
  const message = causeOf(error);
  const Fault = PASSING.some((part) => message.includes(part))
    ? DatabaseUnavailable
    : DatabaseFault;
  return new Fault(message);
}
