import type { DemoAccess } from '../../dev/demo-access.ts';
import type { FeedEvent } from '../../dev/feed.ts';
import type { Receiver } from './receiver.ts';
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
export async function createEndpoint(target: DemoAccess, receiver: Receiver): Promise<string> {
  const { url } = receiver;
  const { id, secret } = await target.request<{ id: string; secret: string }>('POST', ENDPOINTS, {
    url,
    description: receiver.name,
  });
  receiver.secrets.push(secret);
  return id;
}

/** Returns whether an endpoint is disabled. */
export async function isDisabled(target: DemoAccess, id: string): Promise<boolean> {
  return (await target.request<Endpoint>('GET', `${ENDPOINTS}/${id}`)).disabled;
}

/** Enables an endpoint again. */
export async function enableEndpoint(
  target: DemoAccess,
  id: string,
  receiver: Receiver,
): Promise<void> {
  const { url, name: description } = receiver;
  const body = { url, description, event_types: null, disabled: false };
  await target.request('PUT', `${ENDPOINTS}/${id}`, body);
}

/** Rotates the secret of an endpoint, and gives the receiver the new one. */
export async function rotateSecret(
  target: DemoAccess,
  id: string,
  receiver: Receiver,
  overlapS: number,
): Promise<Rotation> {
  const startedAt = Date.now();
  const path = `${ENDPOINTS}/${id}/secrets`;
  const { secret } = await target.request<{ secret: string }>('POST', path, {
    overlap_seconds: overlapS,
  });
  const endedAt = Date.now();
  receiver.secrets.push(secret);
  return { startedAt, endedAt, overlapEndsAt: endedAt + overlapS * 1000 };
}

/** Returns all events of the feed, in their order. */
export async function readEvents(target: DemoAccess): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  for (let after = ''; ; ) {
    const { result, next } = await target.request<{ result: FeedEvent[]; next: string }>(
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

/** Runs what the cron trigger runs each minute, which the local runtime does not do by itself. */
export async function wakeLagging({ origin }: DemoAccess): Promise<void> {
  const response = await fetch(`${origin}/cdn-cgi/handler/scheduled?cron=*+*+*+*+*`);
  if (!response.ok) {
    throw new Error(`The cron trigger returned ${response.status}.`);
  }
}
