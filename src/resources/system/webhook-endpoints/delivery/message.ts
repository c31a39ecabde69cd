import type { SealingKeys } from '../../../../auth/sealing-keys.ts';
import { formatDateTime } from '../../../../http/fields/date-time.ts';
import { openSecret } from '../secrets.ts';
import { signedHeaders } from './signature.ts';

/** An event as webhooks and the feed show it. */
interface ShownEvent {
  readonly id: string;
  readonly type: string;
  readonly created_at: string;
}

/** The secrets of an endpoint, sealed. */
interface SealedSecrets {
  readonly id: string;
  readonly secret: string;
  readonly retired_secret: string | null;
}

/** What is sent to an endpoint. */
export interface OutgoingMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Returns the body of a webhook: the event with its type and its time, as Standard Webhooks has it. */
export const bodyOf = (event: ShownEvent): string =>
  JSON.stringify({ type: event.type, timestamp: event.created_at, data: event });

/**
 * Returns the signed message of an event for an endpoint. During a rotation both of its secrets sign.
 *
 * @param at the time of the attempt, milliseconds since 1970.
 * @throws Error if no key opens a secret.
 */
export async function messageFor(
  { id, secret, retired_secret }: SealedSecrets,
  event: ShownEvent,
  keys: SealingKeys,
  at: number,
): Promise<OutgoingMessage> {
  const sealed = [secret, ...(retired_secret === null ? [] : [retired_secret])];
  const secrets = await Promise.all(sealed.map((one) => openSecret(keys, id, one)));
  const body = bodyOf(event);
  return { body, headers: await signedHeaders({ id: event.id, at, body }, secrets) };
}

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
