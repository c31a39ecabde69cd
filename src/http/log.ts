import type { Context } from 'hono';
import type { AppEnv, LogLine } from '../context.ts';

/**
 * Structured lines for Workers Logs. No line holds a credential, a VIN, a reference or a query: paths
 * are told by their operation.
 */

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** What ties the lines of a request together; `traceparent` as of W3C Trace Context, if it is one. */
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
  return cost && { trips: cost.trips, rows_read: cost.rowsRead, rows_written: cost.rowsWritten };
}

/** One line for each request: who called what, how it ended, milliseconds, and its cost in D1. */
export function logRequest(c: Context<AppEnv>, started: number): void {
  c.get('dependencies').log?.({
    event: 'request',
    ...identityOf(c),
    operation: c.get('policy')?.operationId ?? null,
    method: c.req.method,
    status: c.res.status,
    duration: c.get('dependencies').now() - started,
    ...callerOf(c),
    ...costOf(c),
  });
}

/**
 * One line for each streamed export, once its body ended: how many tickets were sent, and what it cost in
 * D1 altogether. The line of the request is written when the body begins, and so cannot tell.
 *
 * @param outcome whether the reader got all, left, or met a fault of ours.
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
    ...callerOf(c),
    ...costOf(c),
  });
}

/** One line for a fault of ours, with its stack; the caller is told nothing but the request id. */
export function logFault(c: Context<AppEnv>, error: Error): void {
  c.get('dependencies').log?.({
    event: 'fault',
    ...identityOf(c),
    method: c.req.method,
    error: error.name,
    message: error.message,
    stack: error.stack,
  });
}

/** Writes a line to the console, where Workers Logs finds it. */
export function writeLine(line: LogLine): void {
  const text = JSON.stringify(line);
  if (line.event === 'fault') {
    console.error(text);
  } else {
    console.log(text);
  }
}
