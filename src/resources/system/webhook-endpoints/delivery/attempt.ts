import type { Dependencies } from '../../../../context.ts';
import { retryAfterMs } from './schedule.ts';

/** How long an endpoint may take to respond, in milliseconds. */
export const ATTEMPT_TIMEOUT_MS = 15_000;

/** The kinds of errors of an attempt that has no response. */
export type AttemptError = 'timeout' | 'connection' | 'url' | 'secret';

/** What came of an attempt. */
export interface AttemptResult {
  /** The HTTP status; null if there was no response. */
  readonly status: number | null;
  readonly error: AttemptError | null;
  /** When the attempt began, milliseconds since 1970. */
  readonly attemptedAt: number;
  readonly durationMs: number;
  /** What the response asked for with `Retry-After`, in milliseconds. */
  readonly retryAfterMs: number;
}

/** Returns whether an attempt delivered the event. Every 2xx does; a redirect does not. */
export const isDelivered = ({ status }: AttemptResult): boolean =>
  status !== null && status >= 200 && status < 300;

/**
 * Sends a message once. It follows no redirect, and reads nothing of the body of the response. Its timer is cleared
 * at the end: a pending one, like that of `AbortSignal.timeout`, keeps a Durable Object in memory, where it is billed.
 *
 * @returns what came of it; it never throws.
 */
export async function attempt(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  { now, fetch }: Pick<Dependencies, 'now' | 'fetch'>,
): Promise<AttemptResult> {
  const attemptedAt = now();
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), ATTEMPT_TIMEOUT_MS);
  const ended = (
    status: number | null,
    error: AttemptError | null,
    header: string | null = null,
  ) => ({
    ...{ status, error, attemptedAt },
    durationMs: now() - attemptedAt,
    retryAfterMs: retryAfterMs(header, now()),
  });
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: timeout.signal,
    });
    // Without this, the connection stays open until the endpoint has sent everything.
    await response.body?.cancel().catch(() => undefined);
    return ended(response.status, null, response.headers.get('retry-after'));
  } catch (error) {
    const isTimeout = timeout.signal.aborted || (error as Error).name === 'TimeoutError';
    return ended(null, isTimeout ? 'timeout' : 'connection');
  } finally {
    clearTimeout(timer);
  }
}
