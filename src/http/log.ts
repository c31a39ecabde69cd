import type { Context } from 'hono';

/** Writes one structured line for a fault of ours; the caller is told nothing but the request id. */
export function logFault(c: Context, error: Error): void {
  console.error(
    JSON.stringify({
      event: 'fault',
      request_id: c.get('requestId'),
      method: c.req.method,
      error: error.name,
      message: error.message,
      stack: error.stack,
    }),
  );
}
