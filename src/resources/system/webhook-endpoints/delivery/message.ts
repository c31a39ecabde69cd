import type { SealingKeys } from '../../../../auth/sealing-keys.ts';
import type { Config } from '../../../../config.ts';
import type { PartnerId } from '../../../../db/partner-id.ts';
import { formatDateTime } from '../../../../http/fields/date-time.ts';
import { decodeSecret, openSecret } from '../secrets.ts';
import { isDeliverable } from '../url.ts';
import { askForConsent } from './consent.ts';
import { callReceiver, isSuccess, type ReceiverContext } from './receiver.ts';

/** An event as webhooks and the feed show it. */
export interface ShownEvent {
  readonly id: string;
  readonly type: string;
  readonly created_at: string;
}

/** An endpoint as a message needs it. Its secrets are sealed. */
export interface Recipient {
  readonly id: string;
  readonly partner_id: PartnerId;
  readonly url: string;
  /** The URL that agreed to receive events; null if none has. */
  readonly consented_url: string | null;
  readonly secret: string;
  /** Null if no rotation is under way. */
  readonly retired_secret: string | null;
}

/** Returns the body of a webhook: the event with its type and its time, as Standard Webhooks has it. */
export const bodyOf = (event: ShownEvent): string =>
  JSON.stringify({ type: event.type, timestamp: event.created_at, data: event });

/** The type of a test event, which is sent on request and is not in the feed. */
export const TEST_EVENT = 'webhook_endpoint.test';

/**
 * Returns a test event for an endpoint.
 *
 * @param eventId a new UUID.
 * @param now milliseconds since 1970.
 */
export const testEvent = (endpointId: string, eventId: string, now: number) => ({
  id: eventId,
  type: TEST_EVENT,
  created_at: formatDateTime(now),
  actor: null,
  subject: { type: 'webhook_endpoint', id: endpointId },
});

/** A message that is signed as Standard Webhooks defines. */
export interface Message {
  /** The id of the event, which all attempts have in common. */
  readonly id: string;
  /** The time of this attempt, milliseconds since 1970. */
  readonly at: number;
  readonly body: string;
}

const toBase64 = (bytes: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(bytes)));

/** Returns the signature `v1` of a message with a secret. */
async function sign(secret: string, signed: Uint8Array): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', decodeSecret(secret), algorithm, false, [
    'sign',
  ]);
  return `v1,${toBase64(await crypto.subtle.sign('HMAC', key, signed))}`;
}

/**
 * Returns the headers of a signed message.
 *
 * @param secrets every secret that signs: during a rotation the new one and the old one.
 * @see {@link https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md}
 */
export async function signedHeaders(
  { id, at, body }: Message,
  secrets: readonly string[],
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1000));
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const signatures = await Promise.all(secrets.map((secret) => sign(secret, signed)));
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}

/**
 * Returns the signed message of an event for an endpoint. During a rotation both of its secrets sign.
 *
 * @param at the time of the attempt, milliseconds since 1970.
 * @throws Error if no key opens a secret.
 */
async function messageFor(
  { id, secret, retired_secret }: Recipient,
  event: ShownEvent,
  keys: SealingKeys,
  at: number,
) {
  const sealed = [secret, ...(retired_secret === null ? [] : [retired_secret])];
  const secrets = await Promise.all(sealed.map((one) => openSecret(keys, id, one)));
  const body = bodyOf(event);
  return { body, headers: await signedHeaders({ id: event.id, at, body }, secrets) };
}

/**
 * The kinds of errors of an attempt that has no response to its event. `consent` is that of a receiver that does not
 * agree to receive events.
 */
export const attemptErrors = ['timeout', 'connection', 'url', 'secret', 'consent'] as const;

export type AttemptError = (typeof attemptErrors)[number];

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
  /** The beginning of the body of a response that is no success; null if there was none. */
  readonly responseText: string | null;
  /** Whether the receiver was asked for its consent first, and agreed. */
  readonly isNewlyAgreed: boolean;
}

/** Returns whether an attempt delivered the event. Every 2xx does; a redirect does not. */
export const isDelivered = ({ status }: AttemptResult): boolean =>
  status !== null && isSuccess(status);

/**
 * Returns the wait that a `Retry-After` header asks for (RFC 9110 §10.2.3), in milliseconds.
 *
 * @param now milliseconds since 1970.
 * @returns 0 for a missing or invalid header, and for a time in the past.
 */
function retryAfterOf(header: string | null, now: number): number {
  if (header === null) {
    return 0;
  }
  const wait = /^\d{1,10}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(wait) ? 0 : Math.max(0, wait);
}

/** What an attempt that got no response has in common with all others. */
const noResponse = { status: null, retryAfterMs: 0, responseText: null, isNewlyAgreed: false };

/**
 * Sends a message once, to a receiver that has agreed.
 *
 * @returns the outcome; it never throws.
 * @see callReceiver
 */
export async function attempt(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  context: ReceiverContext,
): Promise<AttemptResult> {
  const { now } = context.dependencies;
  const attemptedAt = now();
  const answer = await callReceiver(url, { method: 'POST', headers, body }, context);
  const times = { attemptedAt, durationMs: now() - attemptedAt };
  if (typeof answer === 'string') {
    return { ...noResponse, ...times, error: answer };
  }
  const retryAfterMs = retryAfterOf(answer.headers.get('retry-after'), now());
  const { status, text: responseText } = answer;
  return { ...noResponse, ...times, status, error: null, retryAfterMs, responseText };
}

/**
 * Sends an event to an endpoint. It is the only function that posts for the API, and posts only to the URL that has
 * agreed: an endpoint whose present URL has not is asked first.
 *
 * @param isDenied whether the operator has denied the host of its URL.
 * @returns the outcome; it never throws.
 */
export async function send(
  context: ReceiverContext & { readonly config: Config },
  endpoint: Recipient,
  event: ShownEvent,
  isDenied: boolean,
): Promise<AttemptResult> {
  const { config, dependencies } = context;
  const { url, consented_url } = endpoint;
  const begunAt = dependencies.now();
  const failed = (error: AttemptError): AttemptResult => {
    const durationMs = dependencies.now() - begunAt;
    return { ...noResponse, error, attemptedAt: begunAt, durationMs };
  };
  // What was accepted at creation can have become forbidden, for example by another address of this API.
  if (isDenied || !isDeliverable(url, config.issuer)) {
    return failed('url');
  }
  const isNewlyAgreed = consented_url !== url;
  if (isNewlyAgreed && (await askForConsent(url, context)) !== 'agreed') {
    return failed('consent');
  }
  const message = await messageFor(endpoint, event, config.sealingKeys, dependencies.now()).catch(
    () => undefined,
  );
  const result =
    message === undefined
      ? failed('secret')
      : await attempt(url, message.headers, message.body, context);
  return { ...result, isNewlyAgreed };
}
