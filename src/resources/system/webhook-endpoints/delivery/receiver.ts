import type { Config } from '../../../../config.ts';
import type { Dependencies } from '../../../../context.ts';

/** How long a receiver may take to answer a request, with the part of its answer that is read, in milliseconds. */
export const ATTEMPT_TIMEOUT_MS = 15_000;

/** The bytes of the answer to a failed attempt that are kept. */
export const MAX_RESPONSE_BYTES = 1024;

/** Returns the `User-Agent` of each request to a receiver. Firewalls drop requests that do not say who sends them. */
export const userAgentOf = (issuer: string) => `prepared-tickets-webhooks/1 (+${issuer}/docs)`;

/** What a request to a receiver needs from the outside. */
export interface ReceiverContext {
  readonly config: Pick<Config, 'issuer'>;
  readonly dependencies: Pick<Dependencies, 'now' | 'fetch'>;
}

/** The answer of a receiver. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The beginning of the body; null for a question and a success, whose bodies are not read, and for an empty body. */
  readonly text: string | null;
}

/** Returns whether a status is a success. Every 2xx is one; a redirect is none. */
export const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/**
 * Returns whether Cloudflare answers with a status in place of a receiver that it cannot reach. On the platform, these
 * stand for the errors that `fetch` throws elsewhere.
 */
const isUnreachable = (status: number): boolean =>
  status === 530 || (status >= 520 && status <= 527);

/**
 * Returns the beginning of a body as text, in which U+FFFD replaces what is not UTF-8. Of a body that breaks off, or that
 * has not ended when the time is over, it returns what was received.
 */
async function beginningOf(
  body: ReadableStream<Uint8Array>,
  timeout: AbortSignal,
): Promise<string | null> {
  const reader = body.getReader();
  // It is not awaited, because a stream can end its cancellation late.
  const stop = () => void reader.cancel().catch(() => undefined);
  timeout.addEventListener('abort', stop);
  const bytes = new Uint8Array(MAX_RESPONSE_BYTES);
  let length = 0;
  try {
    while (length < MAX_RESPONSE_BYTES && !timeout.aborted) {
      const { done, value } = await reader.read();
      if (done) {
        break;
      }
      const part = value.subarray(0, MAX_RESPONSE_BYTES - length);
      bytes.set(part, length);
      length += part.length;
    }
  } catch {
    // What was received before the connection broke is kept.
  }
  timeout.removeEventListener('abort', stop);
  stop();
  // The limit can cut a character in half, which a stream that goes on leaves out.
  const stream = length === MAX_RESPONSE_BYTES;
  return new TextDecoder().decode(bytes.subarray(0, length), { stream }) || null;
}

/**
 * Sends one request to a receiver. It follows no redirect, and reads the beginning of the answer only if that is one to
 * a POST and no success. Its timer is cleared at the end: a pending one, like that of `AbortSignal.timeout`, keeps a Durable Object
 * in memory, where it is billed.
 *
 * @returns the answer, or why there was none; it never throws.
 */
export async function callReceiver(
  url: string,
  { headers, ...init }: Pick<RequestInit, 'method' | 'body'> & { headers: Record<string, string> },
  { config, dependencies }: ReceiverContext,
): Promise<Answer | 'timeout' | 'connection'> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), ATTEMPT_TIMEOUT_MS);
  const sender = { 'user-agent': userAgentOf(config.issuer) };
  try {
    const {
      status,
      headers: received,
      body,
    } = await dependencies.fetch(url, {
      ...{ ...init, headers: { ...headers, ...sender } },
      ...{ redirect: 'manual', signal: timeout.signal },
    });
    // Of the answer to a question only the headers matter, so a slow body must not hold it up.
    const isRead =
      body !== null && init.method === 'POST' && !isSuccess(status) && !isUnreachable(status);
    const text = isRead ? await beginningOf(body, timeout.signal) : null;
    if (!isRead) {
      // Without this, the connection stays open until the receiver has sent everything.
      body?.cancel().catch(() => undefined);
    }
    return isUnreachable(status) ? 'connection' : { status, headers: received, text };
  } catch (error) {
    const isTimeout = timeout.signal.aborted || (error as Error).name === 'TimeoutError';
    return isTimeout ? 'timeout' : 'connection';
  } finally {
    clearTimeout(timer);
  }
}
