import { sql } from 'drizzle-orm';
import { isDisabledPartner } from '../../../../auth/credentials.repository.ts';
import type { Database } from '../../../../db/client.ts';
import type { PartnerId } from '../../../../db/partner-id.ts';

/**
 * The places of one run: for the endpoints that began to lag last, for those that are the fewest events behind,
 * and for all in turn. An endpoint can have several. Together they stay below the 1,000 subrequests that an
 * invocation may make, of which D1 calls are some. The homes share them evenly.
 */
const PLACES = { latest: 250, nearest: 250, inTurn: 400 } as const;
/** How often a run begins, in milliseconds. */
const RUN_INTERVAL_MS = 60_000;
/**
 * How long after the end of an attempt its Durable Object certainly goes on, in milliseconds: the next attempt ends
 * after 15 seconds at most, or 30 if it has to ask for consent first, and is then recorded.
 */
const WORKING_MS = 45_000;

/** An endpoint that has events to deliver now. */
export interface LaggingEndpoint {
  readonly id: string;
  readonly partner_id: PartnerId;
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
 * These figures are those of a single home; each of several has its share of them.
 *
 * @param now milliseconds since 1970.
 * @param scheduledAt when the run was to begin, milliseconds since 1970. It decides whose turn it is.
 * @param homes the number of homes that share the places.
 */
export async function findLagging(
  db: Database,
  now: number,
  scheduledAt: number,
  homes: number,
): Promise<LaggingEndpoint[]> {
  const [latest, nearest, inTurn] = [PLACES.latest, PLACES.nearest, PLACES.inTurn].map((places) =>
    Math.floor(places / homes),
  ) as [number, number, number];
  const turn = Math.floor(scheduledAt / RUN_INTERVAL_MS) * inTurn;
  const { found } = await db.ofAllPartners.readPrimary({
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
      WHERE by_time <= ${latest} OR by_events <= ${nearest}
        OR (by_id + total - ${turn} % total) % total < ${inTurn}
      ORDER BY min(by_time, by_events)`,
  });
  return found;
}
