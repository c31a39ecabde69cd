import type { Context } from 'hono';
import type { AppEnv, LogLine } from '../context.ts';
import { DatabaseFault, DatabaseFull, QueueTimeout } from '../db/errors.ts';

/**
 * Structured log lines for Workers Logs. No line contains a credential, a VIN, a reference or a query.
 * A line therefore names the operation of a request instead of its path.
 */

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Returns the members that correlate the log lines of one request. `traceparent` is included only if it
 * is valid according to W3C Trace Context.
 *
 * @see {@link https://www.w3.org/TR/trace-context/#traceparent-header}
 */
function identityOf(c: Context<AppEnv>) {
  const traceparent = c.req.header('traceparent');
  return {
    request_id: c.get('requestId'),
    ...(traceparent !== undefined && TRACEPARENT.test(traceparent) && { traceparent }),
  };
}

function callerOf(c: Context<AppEnv>) {
  const caller = c.get('caller');
  return caller && { partner: caller.partnerId, client: caller.clientId };
}

function costOf(c: Context<AppEnv>) {
  const cost = c.get('db')?.cost;
  return (
    cost && { trips: cost.roundTrips, rows_read: cost.rowsRead, rows_written: cost.rowsWritten }
  );
}

const queueOf = (c: Context<AppEnv>) => c.get('isQueued') && { queued: true };

/**
 * Logs one line for a request: the caller, the operation, the status, the duration in milliseconds and
 * the cost in D1.
 *
 * @param started when the request arrived, in milliseconds since 1970.
 */
export function logRequest(c: Context<AppEnv>, started: number): void {
  c.get('dependencies').log?.({
    event: 'request',
    ...identityOf(c),
    operation: c.get('policy')?.operationId ?? null,
    method: c.req.method,
    status: c.res.status,
    duration: c.get('dependencies').now() - started,
    ...(c.get('isForced') && { forced: true }),
    ...queueOf(c),
    ...callerOf(c),
    ...costOf(c),
  });
}

/**
 * Logs one line for a streamed export when its body has ended, with the number of tickets and the total D1
 * cost. The line of the request is written when the body begins, so it does not have these figures.
 *
 * @param outcome whether the reader received everything, disconnected, or met an internal fault.
 */
export function logExport(
  c: Context<AppEnv>,
  outcome: 'complete' | 'cancelled' | 'failed',
  tickets: number,
): void {
  c.get('dependencies').log?.({
    event: 'export',
    ...identityOf(c),
    outcome,
    tickets,
    ...queueOf(c),
    ...callerOf(c),
    ...costOf(c),
  });
}

/**
 * Logs one line for an internal fault, with its stack. The response gives the caller only the request
 * id, with which an operator finds this line. What a partner's own requests cause is no fault: the line of the
 * request or of the export says that it was `queued`.
 */
export function logFault(c: Context<AppEnv>, error: Error): void {
  if (error instanceof QueueTimeout) {
    c.set('isQueued', true);
    return;
  }
  c.get('dependencies').log?.({
    event: 'fault',
    ...identityOf(c),
    method: c.req.method,
    ...membersOfFault(error),
    stack: error.stack,
  });
}

/** Returns the members of a log line that name a fault, the home that had it, and what is full if that is the fault. */
export function membersOfFault(error: Error) {
  const { name, message } = error;
  return {
    ...{ error: name, message },
    ...(error instanceof DatabaseFault && error.home !== undefined && { home: error.home }),
    ...(error instanceof DatabaseFull && { full: error.full }),
  };
}

/**
 * Writes a line to the console, from which Workers Logs collects it. A fault is logged as an error, and a warning
 * as a warning.
 */
export function writeLine(line: LogLine): void {
  const text = JSON.stringify(line);
  if (line.event === 'fault') {
    console.error(text);
  } else if (line.event === 'warning') {
    console.warn(text);
  } else {
    console.log(text);
  }
}
