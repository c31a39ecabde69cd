import { sql } from 'drizzle-orm';
import { isDisabledPartner } from '../../../../auth/credentials.repository.ts';
import type { Database } from '../../../../db/client.ts';
import { HAS_WRITTEN, recordEventsOfOperator } from '../../../../db/events.ts';
import { type EventRow, eventColumns } from '../../events/events.repository.ts';
import type { DisabledReason } from '../webhook-endpoints.repository.ts';
import type { AttemptResult, Recipient } from './message.ts';

/** The events that one round trip reads. */
const EVENTS_PER_READ = 20;

/** An endpoint as a delivery needs it. Times are milliseconds since 1970. */
export interface DueEndpoint extends Recipient {
  readonly partner_id: number;
  /** A JSON array; null for all types. */
  readonly event_types: string | null;
  readonly position: number;
  readonly replays: number;
  /** Increases with every change by a request. */
  readonly version: number;
  readonly failed_attempts: number;
  /** The event that the failed attempts are of. */
  readonly attempted_sequence: number | null;
  readonly next_attempt_at: number | null;
}

/** The condition that neither an endpoint nor its partner is disabled. For an active partner it reads no row. */
const isEnabled = sql`disabled_at IS NULL AND NOT ${isDisabledPartner(sql`partner_id`)}`;

/** An endpoint and the events that come after its place, in their order. */
export interface DueEvents {
  readonly endpoint: DueEndpoint;
  readonly events: readonly EventRow[];
}

/**
 * Returns an endpoint with its next events. A backlog that is older than the feed begins with the oldest
 * event that is kept. An endpoint that waits comes without events, so that a wake meanwhile costs little.
 *
 * @returns `disabled` if the endpoint or its partner is disabled.
 */
export async function findDue(
  db: Database,
  id: string,
  now: number,
): Promise<DueEvents | 'disabled' | 'deleted'> {
  const {
    endpoint: [found],
    events,
  } = await db.readPrimary({
    endpoint: sql<
      DueEndpoint & { readonly is_enabled: 0 | 1 }
    >`SELECT id, partner_id, url, event_types, secret, position, replays, version,
        iif(retired_expires_at > ${now}, retired_secret, NULL) AS retired_secret,
        failed_attempts, attempted_sequence, next_attempt_at, ${isEnabled} AS is_enabled
      FROM webhook_endpoints WHERE id = ${id}`,
    events: sql<EventRow>`SELECT ${eventColumns}
      FROM (SELECT partner_id AS of_partner, position FROM webhook_endpoints
          WHERE id = ${id} AND coalesce(next_attempt_at, 0) <= ${now} AND ${isEnabled}) AS endpoint
        CROSS JOIN events ON events.partner_id = of_partner AND sequence > position
      ORDER BY sequence LIMIT ${EVENTS_PER_READ}`,
  });
  if (found === undefined) {
    return 'deleted';
  }
  const { is_enabled, ...endpoint } = found;
  return is_enabled === 1 ? { endpoint, events } : 'disabled';
}

/** Where an endpoint stands after an attempt. */
export type NextState =
  /** The event was delivered: its sequence. */
  | { readonly position: number }
  /** The event is attempted again at this time. */
  | { readonly nextAttemptAt: number }
  /** The endpoint is disabled. */
  | { readonly disabledReason: Extract<DisabledReason, 'gone' | 'exhausted'> };

/** The event of an attempt; a test event has no sequence. */
export interface AttemptedEvent {
  readonly id: string;
  readonly type: string;
  readonly sequence: number | null;
  /** Counts the attempts of the event, from 1. */
  readonly attempt: number;
}

/**
 * Returns the statements that record one attempt among the deliveries of an endpoint.
 *
 * @param isRepetition whether an earlier run of the write may have recorded it. Then it is recorded unless one of
 * the latest attempts is of the same event and time.
 */
export function deliveryStatements(
  endpointId: string,
  { id, type, sequence, attempt }: AttemptedEvent,
  { status, error, attemptedAt, durationMs }: AttemptResult,
  isRepetition: boolean,
) {
  const isUnrecorded = sql`NOT EXISTS (SELECT 1 FROM (SELECT event_id, attempted_at FROM webhook_deliveries
      WHERE endpoint_id = ${endpointId} ORDER BY number DESC LIMIT 9)
    WHERE event_id = ${id} AND attempted_at = ${attemptedAt})`;
  return {
    insert: sql<never>`INSERT INTO webhook_deliveries (endpoint_id, number, event_id, event_type, sequence,
        attempt, attempted_at, duration_ms, status, error)
      SELECT id, newest_delivery + 1, ${id}, ${type}, ${sequence}, ${attempt}, ${attemptedAt},
        ${durationMs}, ${status}, ${error}
      FROM webhook_endpoints WHERE id = ${endpointId} AND ${isRepetition ? isUnrecorded : sql`true`}`,
    count: sql<never>`UPDATE webhook_endpoints SET newest_delivery = newest_delivery + 1
      WHERE id = ${endpointId} AND ${HAS_WRITTEN}`,
  };
}

/**
 * Records an attempt and where the endpoint stands after it. The place stays where a replay has moved it
 * meanwhile, and a success counts also if the endpoint was disabled meanwhile, so that the event does not come again
 * when it is enabled. A failed attempt says nothing about an endpoint that a request has changed meanwhile, for example
 * its URL, so that endpoint does not wait, and is not disabled.
 *
 * @returns whether the next event may be sent to the endpoint as the delivery knows it: it still stands where the
 * delivery expects it, no request has changed it, such as its URL, its types or its secret, and neither it nor its
 * partner was disabled.
 */
export async function recordAttempt(
  db: Database,
  { id, position, replays, version }: DueEndpoint,
  event: AttemptedEvent,
  result: AttemptResult,
  next: NextState,
): Promise<boolean> {
  const stands = sql`id = ${id} AND position = ${position} AND replays = ${replays}`;
  const now = result.attemptedAt + result.durationMs;
  const isDisabling = 'disabledReason' in next;
  const failed = sql`failed_attempts = ${event.attempt}, attempted_sequence = ${event.sequence}`;
  const state =
    'position' in next
      ? sql`position = ${next.position}, failed_attempts = 0, next_attempt_at = NULL`
      : isDisabling
        ? sql`disabled_at = ${now}, disabled_reason = ${next.disabledReason}, version = version + 1,
            ${failed}, next_attempt_at = NULL`
        : sql`${failed}, next_attempt_at = ${next.nextAttemptAt}`;
  const applies =
    'position' in next ? stands : sql`${stands} AND version = ${version} AND disabled_at IS NULL`;
  const statements = (isRepetition: boolean) => ({
    ...deliveryStatements(id, event, result, isRepetition),
    record: isDisabling
      ? recordEventsOfOperator(
          now,
          'webhook_endpoint.disabled',
          sql`SELECT partner_id, id, NULL AS ticket_number, version + 1 AS version
            FROM webhook_endpoints WHERE ${applies}`,
        )
      : undefined,
    move: sql<never>`UPDATE webhook_endpoints SET ${state} WHERE ${applies}`,
    stands: sql<{ id: string }>`SELECT id FROM webhook_endpoints
      WHERE id = ${id} AND replays = ${replays} AND version = ${version} AND ${isEnabled}
        AND position = ${'position' in next ? next.position : position}`,
  });
  const { rows } = await db.write(statements(false), () => statements(true));
  return rows.stands.length > 0;
}

/** Moves an endpoint past events that it does not receive, also if earlier attempts of one have failed. */
export async function passEvents(
  db: Database,
  { id, position, replays }: DueEndpoint,
  until: number,
): Promise<void> {
  await db.write({
    move: sql<never>`UPDATE webhook_endpoints
      SET position = ${until}, failed_attempts = 0, next_attempt_at = NULL
      WHERE id = ${id} AND position = ${position} AND replays = ${replays}`,
  });
}

/** Returns the ids of the enabled endpoints of a partner. */
export async function findEnabled(db: Database, partnerId: number): Promise<string[]> {
  const { found } = await db.readPrimary({
    found: sql<{ id: string }>`SELECT id FROM webhook_endpoints
      WHERE partner_id = ${partnerId} AND disabled_at IS NULL`,
  });
  return found.map(({ id }) => id);
}

/**
 * The places of one run: for the endpoints that began to lag last, for those that are the fewest events behind,
 * and for all in turn. An endpoint can have several. Together they stay below the 1,000 subrequests that an
 * invocation may make, of which D1 calls are some.
 */
const PLACES = { latest: 250, nearest: 250, inTurn: 400 } as const;
/** How often a run begins, in milliseconds. */
const RUN_INTERVAL_MS = 60_000;
/**
 * How long after the end of an attempt its Durable Object certainly goes on, in milliseconds: the next attempt ends
 * after 15 seconds at most, and is then recorded.
 */
const WORKING_MS = 30_000;

/** An endpoint that has events to deliver now. */
export interface LaggingEndpoint {
  readonly id: string;
  readonly partner_id: number;
  /** How many events it is behind, including those that it does not receive. */
  readonly events: number;
  readonly failed_attempts: number;
}

/**
 * Returns the enabled endpoints to wake: they have events to deliver, do not wait for a time in the future, and
 * had no attempt lately. An endpoint whose object works is slow, but needs no wake, however many there are of them.
 *
 * If there are more than a run has places for, then:
 *
 * - An endpoint is woken by the next run unless 250 others began to lag after it. So no crowd that lags for longer
 *   holds it up: an object that cannot work takes a place of these only while its endpoint is among the latest.
 * - An endpoint is woken by the next run unless 250 others are not more events behind than it.
 * - Every endpoint is woken in turn, in the order of the ids: within `total / 400` runs while the total stays the same.
 *
 * @param now milliseconds since 1970.
 */
export async function findLagging(db: Database, now: number): Promise<LaggingEndpoint[]> {
  const turn = Math.floor(now / RUN_INTERVAL_MS) * PLACES.inTurn;
  const { found } = await db.readPrimary({
    found: sql<LaggingEndpoint>`WITH enabled AS (
        SELECT id, partner_id, position, failed_attempts, next_attempt_at, newest_delivery,
          (SELECT max(sequence) FROM events WHERE events.partner_id = webhook_endpoints.partner_id) AS newest
        FROM webhook_endpoints
        WHERE disabled_at IS NULL AND coalesce(next_attempt_at, 0) <= ${now}
          AND NOT ${isDisabledPartner(sql`webhook_endpoints.partner_id`)}),
      lagging AS (
        SELECT id, partner_id, failed_attempts, newest - position AS events,
          max(coalesce(next_attempt_at, 0), (SELECT created_at FROM events
            WHERE events.partner_id = enabled.partner_id AND sequence > position
            ORDER BY sequence LIMIT 1)) AS lags_since
        FROM enabled
        WHERE newest > position AND NOT EXISTS (SELECT 1 FROM webhook_deliveries
          WHERE endpoint_id = id AND number = newest_delivery AND sequence IS NOT NULL
            AND attempted_at + duration_ms > ${now - WORKING_MS})),
      placed AS (
        SELECT *, row_number() OVER (ORDER BY lags_since DESC, events, id) AS by_time,
          row_number() OVER (ORDER BY events, lags_since DESC, id) AS by_events,
          row_number() OVER (ORDER BY id) - 1 AS by_id, count(*) OVER () AS total
        FROM lagging)
      SELECT id, partner_id, events, failed_attempts FROM placed
      WHERE by_time <= ${PLACES.latest} OR by_events <= ${PLACES.nearest}
        OR (by_id + total - ${turn} % total) % total < ${PLACES.inTurn}
      ORDER BY min(by_time, by_events)`,
  });
  return found;
}
