/** The greatest part of a delay that is added to it at random, so that endpoints do not fail in step. */
const JITTER = 0.1;
/** The longest wait that an endpoint can ask for with `Retry-After`, in milliseconds. */
export const MAX_RETRY_AFTER_MS = 86_400_000;

/**
 * Returns when an event is attempted again.
 *
 * @param failedAttempts how often it was attempted, including now.
 * @param delaysS the delays between the attempts, in seconds.
 * @param retryAfterMs what the response asked for, in milliseconds. It can only lengthen the delay, because
 * an event has ten attempts however short the waits are that its receiver asks for.
 * @returns milliseconds to wait, or undefined if all attempts have failed.
 */
export function delayAfter(
  failedAttempts: number,
  delaysS: readonly number[],
  retryAfterMs = 0,
): number | undefined {
  const delay = delaysS[failedAttempts - 1];
  return delay === undefined
    ? undefined
    : Math.max(
        delay * 1000 * (1 + JITTER * Math.random()),
        Math.min(retryAfterMs, MAX_RETRY_AFTER_MS),
      );
}

/**
 * Returns the wait that a `Retry-After` header asks for (RFC 9110 §10.2.3), in milliseconds.
 *
 * @param now milliseconds since 1970.
 * @returns 0 for a missing or invalid header, and for a time in the past.
 */
export function retryAfterMs(header: string | null, now: number): number {
  if (header === null) {
    return 0;
  }
  const wait = /^\d{1,10}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(wait) ? 0 : Math.max(0, wait);
}
