import type { FeedEvent } from '../../dev/feed.ts';
import type { Receiver } from './receiver.ts';
import { request, type Target } from './target.ts';
import type { Rotation } from './verdict.ts';

/** The path of the webhook endpoints. */
export const ENDPOINTS = '/v2/system/webhook-endpoints';
const EVENTS = '/v2/system/events';

/** A webhook endpoint as far as the check reads it. */
interface Endpoint {
  readonly id: string;
  readonly disabled: boolean;
}

/** Creates an endpoint that delivers to a receiver, and gives the receiver its secret. @returns its id. */
export async function createEndpoint(target: Target, receiver: Receiver): Promise<string> {
  const { url } = receiver;
  const { id, secret } = await request<{ id: string; secret: string }>(target, 'POST', ENDPOINTS, {
    url,
    description: receiver.name,
  });
  receiver.secrets.push(secret);
  return id;
}

/** Returns whether an endpoint is disabled. */
export async function isDisabled(target: Target, id: string): Promise<boolean> {
  return (await request<Endpoint>(target, 'GET', `${ENDPOINTS}/${id}`)).disabled;
}

/** Enables an endpoint again. */
export async function enableEndpoint(
  target: Target,
  id: string,
  receiver: Receiver,
): Promise<void> {
  const { url, name: description } = receiver;
  const body = { url, description, event_types: null, disabled: false };
  await request(target, 'PUT', `${ENDPOINTS}/${id}`, body);
}

/** Rotates the secret of an endpoint, and gives the receiver the new one. */
export async function rotateSecret(
  target: Target,
  id: string,
  receiver: Receiver,
  overlapS: number,
): Promise<Rotation> {
  const startedAt = Date.now();
  const path = `${ENDPOINTS}/${id}/secrets`;
  const { secret } = await request<{ secret: string }>(target, 'POST', path, {
    overlap_seconds: overlapS,
  });
  const endedAt = Date.now();
  receiver.secrets.push(secret);
  return { startedAt, endedAt, overlapEndsAt: endedAt + overlapS * 1000 };
}

/** Returns all events of the feed, in their order. */
export async function readEvents(target: Target): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  for (let after = ''; ; ) {
    const { result, next } = await request<{ result: FeedEvent[]; next: string }>(
      target,
      'GET',
      `${EVENTS}?limit=1000${after}`,
    );
    if (result.length === 0) {
      return events;
    }
    events.push(...result);
    after = `&after=${encodeURIComponent(next)}`;
  }
}

/** Returns the sequences that an endpoint must receive: those after its creation that are not about itself. */
export function expectedBy(id: string, events: readonly FeedEvent[]): number[] {
  const created = events.findIndex(
    ({ type, subject }) => type === 'webhook_endpoint.created' && subject.id === id,
  );
  return events
    .slice(created + 1)
    .filter(({ subject }) => subject.id !== id)
    .map(({ sequence }) => sequence);
}
