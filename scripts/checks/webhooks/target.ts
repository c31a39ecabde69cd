import { randomUUID } from 'node:crypto';
import { demoAccess } from '../../dev/demo-access.ts';
import type { LocalServer } from '../../dev/local-server.ts';

/** The longest time that one request may take. */
const REQUEST_TIMEOUT_MS = 15_000;

/** A running server with the headers that authenticate the demo partner. */
export interface Target {
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Returns a server as a target. */
export async function targetOf(server: LocalServer): Promise<Target> {
  const { headers } = await demoAccess(server);
  return { origin: server.origin, headers };
}

/**
 * Sends a request with a new idempotency key.
 *
 * @returns the body of the response.
 * @throws Error if there is no response, or one of an error.
 */
export async function request<Body>(
  { origin, headers }: Target,
  method: string,
  path: string,
  body?: object,
): Promise<Body> {
  const response = await fetch(origin + path, {
    method,
    headers: {
      ...headers,
      ...(body && { 'content-type': 'application/json' }),
      ...(method === 'POST' && { 'idempotency-key': `"${randomUUID()}"` }),
    },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${method} ${path} returned ${response.status}: ${text}`);
  }
  return (text === '' ? undefined : JSON.parse(text)) as Body;
}

/** Runs what the cron trigger runs each minute, which the local runtime does not do by itself. */
export async function wakeLagging({ origin }: Target): Promise<void> {
  const response = await fetch(`${origin}/cdn-cgi/handler/scheduled?cron=*+*+*+*+*`);
  if (!response.ok) {
    throw new Error(`The cron trigger returned ${response.status}.`);
  }
}
