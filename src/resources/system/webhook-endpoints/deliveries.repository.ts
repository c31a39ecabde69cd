import { sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import type { Page } from '../../../http/requests/pagination.ts';
import { hasKey } from '../credential-kinds.repository.ts';
import { type FeedBounds, selectBounds } from '../events/events.repository.ts';
import type { AttemptError, AttemptResult } from './delivery/attempt.ts';
import {
  type AttemptedEvent,
  type DueEndpoint,
  deliveryStatements,
} from './delivery/delivery.repository.ts';
import {
  type EndpointKey,
  type EndpointRow,
  endpointColumns,
} from './webhook-endpoints.repository.ts';

/** An attempt to deliver an event, as it is stored. Times are milliseconds since 1970. */
export interface DeliveryRow {
  readonly event_id: string;
  readonly event_type: string;
  readonly sequence: number | null;
  readonly attempt: number;
  readonly attempted_at: number;
  readonly duration_ms: number;
  readonly status: number | null;
  readonly error: AttemptError | null;
}

/**
 * Returns one page of the deliveries of an endpoint, newest first, and their total number. Deliveries are
 * numbered without gaps, so a page at any offset costs the rows that it shows and twice the endpoint.
 *
 * @returns undefined if the endpoint does not exist or belongs to another partner.
 */
export async function listDeliveries(
  db: Database,
  key: EndpointKey,
  { limit, offset }: Page,
): Promise<{ rows: DeliveryRow[]; total: number } | undefined> {
  const { counted, rows } = await db.read({
    counted: sql<{ total: number }>`SELECT newest_delivery - removed_delivery AS total
      FROM webhook_endpoints WHERE ${hasKey(key)}`,
    rows: sql<DeliveryRow>`SELECT event_id, event_type, sequence, attempt, attempted_at, duration_ms, status, error
      FROM (SELECT id, newest_delivery FROM webhook_endpoints WHERE ${hasKey(key)}) AS endpoint
        CROSS JOIN webhook_deliveries ON endpoint_id = endpoint.id AND number <= newest_delivery - ${offset}
      ORDER BY number DESC LIMIT ${limit}`,
  });
  return counted[0] && { rows, total: counted[0].total };
}

/** An endpoint as a test delivery needs it. */
export type TestedEndpoint = Pick<DueEndpoint, 'id' | 'url' | 'secret' | 'retired_secret'>;

/**
 * Returns the partner's endpoint with its sealed secrets, also if it is disabled. The statement writes the row
 * unchanged, so that it runs in the primary like every write, where a new endpoint and a new secret are known at once, and so
 * that the guard of writes examines the caller.
 *
 * @param now milliseconds since 1970.
 */
export async function findTested(
  db: Database,
  key: EndpointKey,
  now: number,
): Promise<TestedEndpoint | undefined> {
  const { rows } = await db.write({
    found: sql<TestedEndpoint>`UPDATE webhook_endpoints SET version = version WHERE ${hasKey(key)}
      RETURNING id, url, secret, iif(retired_expires_at > ${now}, retired_secret, NULL) AS retired_secret`,
  });
  return rows.found[0];
}

/** Records the only attempt of a test event. */
export async function recordTest(
  db: Database,
  endpointId: string,
  event: AttemptedEvent,
  result: AttemptResult,
): Promise<void> {
  const statements = (isRepetition: boolean) =>
    deliveryStatements(endpointId, event, result, isRepetition);
  await db.write(statements(false), () => statements(true));
}

/** What a replay found and did. */
export interface ReplayOutcome {
  /** The endpoint after the replay; undefined if it was not set back. */
  readonly row: EndpointRow | undefined;
  /** Where the endpoint stood; undefined if it does not exist or belongs to another partner. */
  readonly position: number | undefined;
  readonly bounds: FeedBounds;
}

/**
 * Sets an endpoint back to an earlier place in the feed, if all events after that place are kept.
 *
 * @param after the sequence of the place; undefined changes nothing.
 */
export async function replayFrom(
  db: Database,
  key: EndpointKey,
  after: number | undefined,
): Promise<ReplayOutcome> {
  const { rows } = await db.write({
    before: sql<{ position: number }>`SELECT position FROM webhook_endpoints WHERE ${hasKey(key)}`,
    move: sql<EndpointRow>`UPDATE webhook_endpoints
      SET position = ${after ?? null}, replays = replays + 1, failed_attempts = 0, next_attempt_at = NULL
      WHERE ${hasKey(key)} AND position >= ${after ?? null} AND ${after ?? null} >= coalesce(
        (SELECT min(sequence) FROM events WHERE partner_id = ${key.partnerId}), 1) - 1
      RETURNING ${endpointColumns}`,
    bounds: selectBounds(key.partnerId),
  });
  return {
    row: rows.move[0],
    position: rows.before[0]?.position,
    bounds: rows.bounds[0] as FeedBounds,
  };
}
