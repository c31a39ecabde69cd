import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { ownedSql } from '../../../db/owned.ts';
import {
  type EventRow,
  eventColumns,
  type FeedBounds,
  selectBounds,
} from '../events/events.repository.ts';
import { notFound } from '../owned-change.repository.ts';
import { hasKey, type OwnedKey } from '../owned-kind.repository.ts';
import { type FoundRecipient, selectRecipient } from './recipient.repository.ts';
import {
  type EndpointRow,
  endpointColumns,
  webhookEndpoint,
} from './webhook-endpoints.repository.ts';

/** An endpoint before a request that sets it back or ends its wait. */
export interface TriedRow extends EndpointRow {
  /** The sequence of the last event that was delivered or passed. */
  readonly position: number;
}

const selectTried = (key: OwnedKey) =>
  ownedSql<TriedRow>`SELECT ${endpointColumns}, position
    FROM webhook_endpoints WHERE ${hasKey(key)}`;

/** The condition that the receiver has agreed to the URL, or may be asked. */
const mayBeTried = (mayAsk: boolean): SQL => (mayAsk ? sql`true` : sql`consented_url IS url`);

/** What a replay found and did. */
export interface ReplayOutcome {
  /** The endpoint before the replay. */
  readonly found: TriedRow;
  /** The endpoint after the replay; undefined if it was not set back. */
  readonly moved: EndpointRow | undefined;
  readonly bounds: FeedBounds;
}

/**
 * Sets an endpoint back to an earlier place in the feed, if all events after that place are kept.
 *
 * @param after the sequence of the place; undefined changes nothing.
 * @param mayAsk whether to set it back also if its receiver will have to be asked for its consent.
 * @throws Problem `notFound`.
 */
export async function replayFrom(
  db: Database,
  key: OwnedKey,
  after: number | undefined,
  mayAsk: boolean,
): Promise<ReplayOutcome> {
  const { rows } = await db.write({
    found: selectTried(key),
    moved: ownedSql<EndpointRow>`UPDATE webhook_endpoints
      SET position = ${after ?? null}, replays = replays + 1, failed_attempts = 0, next_attempt_at = NULL
      WHERE ${hasKey(key)} AND coalesce(disabled_reason, '') NOT IN ('gone', 'operator')
        AND ${mayBeTried(mayAsk)} AND position >= ${after ?? null} AND ${after ?? null} >= coalesce(
          (SELECT min(sequence) FROM events WHERE partner_id = ${key.partnerId}), 1) - 1
      RETURNING ${endpointColumns}`,
    bounds: selectBounds(key.partnerId),
  });
  const [found] = rows.found;
  if (found === undefined) {
    throw notFound(webhookEndpoint);
  }
  return { found, moved: rows.moved[0], bounds: rows.bounds[0] as FeedBounds };
}

/**
 * How many creations of endpoints after an event are searched for that of one endpoint. The search is only needed
 * while the clocks of two instances differ, in which time a partner can create a few endpoints.
 */
const SEARCHED_CREATIONS = 100;

/** An event that is to be sent to an endpoint again, and the endpoint. */
export interface ReplayedEvent {
  readonly endpoint: FoundRecipient;
  /** Undefined if it is not kept, or not in the feed yet. */
  readonly event: (EventRow & { readonly precedes_endpoint: 0 | 1 }) | undefined;
  readonly bounds: FeedBounds;
}

/**
 * Returns one event and the endpoint to send it to again. An event precedes the endpoint if it stands before the event
 * of its creation. The creation is never recorded with an earlier time than that of the endpoint, and times of events
 * never decrease, so the times tell, unless the clock of the instance that created the endpoint was late. Then the
 * creation stands shortly after the event.
 *
 * @param now milliseconds since 1970.
 * @throws Problem `notFound`.
 */
export async function findReplayed(
  db: Database,
  key: OwnedKey,
  sequence: number,
  now: number,
): Promise<ReplayedEvent> {
  const found = await db.readPrimary({
    endpoint: selectRecipient(key, now),
    event: ownedSql<EventRow & { readonly precedes_endpoint: 0 | 1 }>`SELECT ${eventColumns},
        created_at < (SELECT created_at FROM webhook_endpoints WHERE ${hasKey(key)})
          OR ${key.id} IN (SELECT subject_id FROM events INDEXED BY events_type
            WHERE partner_id = ${key.partnerId} AND type = 'webhook_endpoint.created'
              AND sequence > ${sequence}
            ORDER BY sequence LIMIT ${SEARCHED_CREATIONS}) AS precedes_endpoint
      FROM events WHERE partner_id = ${key.partnerId} AND sequence = ${sequence}`,
    bounds: selectBounds(key.partnerId),
  });
  const [endpoint] = found.endpoint;
  if (endpoint === undefined) {
    throw notFound(webhookEndpoint);
  }
  return { endpoint, event: found.event[0], bounds: found.bounds[0] as FeedBounds };
}

/**
 * Ends the wait of an endpoint for its next attempt. Its failed attempts stay, so that a series of requests causes no
 * more attempts of one event than the schedule has.
 *
 * @param mayAsk whether to end it also if the receiver will have to be asked for its consent.
 * @returns the endpoint before the request, and after it unless nothing was to be done.
 * @throws Problem `notFound`.
 */
export async function endWait(
  db: Database,
  key: OwnedKey,
  mayAsk: boolean,
): Promise<{ readonly found: TriedRow; readonly ended: EndpointRow | undefined }> {
  const { rows } = await db.write({
    found: selectTried(key),
    ended: ownedSql<EndpointRow>`UPDATE webhook_endpoints SET next_attempt_at = NULL
      WHERE ${hasKey(key)} AND disabled_at IS NULL AND next_attempt_at IS NOT NULL
        AND ${mayBeTried(mayAsk)}
      RETURNING ${endpointColumns}`,
  });
  const [found] = rows.found;
  if (found === undefined) {
    throw notFound(webhookEndpoint);
  }
  return { found, ended: rows.ended[0] };
}
