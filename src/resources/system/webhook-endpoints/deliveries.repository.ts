import { sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { HAS_WRITTEN } from '../../../db/events.ts';
import { removeInBatches } from '../../../db/removal.ts';
import type { Page } from '../../../http/requests/pagination.ts';
import { type FeedBounds, selectBounds } from '../events/events.repository.ts';
import { notFound } from '../owned.repository.ts';
import { hasKey, type OwnedKey } from '../owned-kind.repository.ts';
import { type AttemptedEvent, deliveryStatements } from './delivery/delivery.repository.ts';
import type { AttemptError, AttemptResult, Recipient } from './delivery/message.ts';
import {
  type EndpointRow,
  endpointColumns,
  webhookEndpoint,
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
 * @throws Problem `notFound` if the endpoint does not exist or belongs to another partner.
 */
export async function listDeliveries(
  db: Database,
  key: OwnedKey,
  { limit, offset }: Page,
): Promise<{ rows: DeliveryRow[]; total: number }> {
  const { counted, rows } = await db.read({
    counted: sql<{ total: number }>`SELECT newest_delivery - removed_delivery AS total
      FROM webhook_endpoints WHERE ${hasKey(key)}`,
    rows: sql<DeliveryRow>`SELECT event_id, event_type, sequence, attempt, attempted_at, duration_ms, status, error
      FROM (SELECT id, newest_delivery FROM webhook_endpoints WHERE ${hasKey(key)}) AS endpoint
        CROSS JOIN webhook_deliveries ON endpoint_id = endpoint.id AND number <= newest_delivery - ${offset}
      ORDER BY number DESC LIMIT ${limit}`,
  });
  if (counted[0] === undefined) {
    throw notFound(webhookEndpoint);
  }
  return { rows, total: counted[0].total };
}

/**
 * Returns the partner's endpoint with its sealed secrets, also if it is disabled. The statement writes the row
 * unchanged, so that it runs in the primary like every write, where a new endpoint and a new secret are known at once, and so
 * that the guard of writes examines the caller.
 *
 * @param now milliseconds since 1970.
 * @throws Problem `notFound`.
 */
export async function findRecipient(db: Database, key: OwnedKey, now: number): Promise<Recipient> {
  const { rows } = await db.write({
    found: sql<Recipient>`UPDATE webhook_endpoints SET version = version WHERE ${hasKey(key)}
      RETURNING id, partner_id, url, consented_url, secret,
        iif(retired_expires_at > ${now}, retired_secret, NULL) AS retired_secret`,
  });
  if (rows.found[0] === undefined) {
    throw notFound(webhookEndpoint);
  }
  return rows.found[0];
}

/** Records the only attempt of a test event. */
export async function recordTest(
  db: Database,
  endpoint: Recipient,
  event: AttemptedEvent,
  result: AttemptResult,
): Promise<void> {
  const statements = (isRepetition: boolean) =>
    deliveryStatements(endpoint, event, result, isRepetition);
  await db.write(statements(false), () => statements(true));
}

/** What a replay found and did. */
export interface ReplayOutcome {
  /** The endpoint after the replay; undefined if it was not set back. */
  readonly row: EndpointRow | undefined;
  readonly bounds: FeedBounds;
}

/**
 * Sets an endpoint back to an earlier place in the feed, if all events after that place are kept.
 *
 * @param after the sequence of the place; undefined changes nothing.
 * @throws Problem `notFound`.
 */
export async function replayFrom(
  db: Database,
  key: OwnedKey,
  after: number | undefined,
): Promise<ReplayOutcome> {
  const { rows } = await db.write({
    present: sql<{ id: string }>`SELECT id FROM webhook_endpoints WHERE ${hasKey(key)}`,
    move: sql<EndpointRow>`UPDATE webhook_endpoints
      SET position = ${after ?? null}, replays = replays + 1, failed_attempts = 0, next_attempt_at = NULL
      WHERE ${hasKey(key)} AND position >= ${after ?? null} AND ${after ?? null} >= coalesce(
        (SELECT min(sequence) FROM events WHERE partner_id = ${key.partnerId}), 1) - 1
      RETURNING ${endpointColumns}`,
    bounds: selectBounds(key.partnerId),
  });
  if (rows.present.length === 0) {
    throw notFound(webhookEndpoint);
  }
  return { row: rows.move[0], bounds: rows.bounds[0] as FeedBounds };
}

/** How long a delivery is kept, in milliseconds: 30 days. */
export const DELIVERY_RETENTION_MS = 30 * 86_400_000;
/** The most endpoints whose deliveries one run removes. The next run continues. */
const MAX_CLEARED_ENDPOINTS = 200;

/**
 * Removes the deliveries that are older than 30 days, the oldest of each endpoint first, and all deliveries of
 * endpoints that were deleted. The numbers of the remaining deliveries have no gaps, because the first one that
 * is kept ends the removal, and `removed_delivery` follows in the same transaction.
 *
 * @param now milliseconds since 1970.
 * @returns the number of removed deliveries.
 */
export async function removeDeliveries(db: Database, now: number): Promise<number> {
  const expiry = now - DELIVERY_RETENTION_MS;
  const { expired, orphaned } = await db.read({
    expired: sql<{ id: string }>`SELECT id FROM webhook_endpoints
      WHERE removed_delivery < newest_delivery AND EXISTS (SELECT 1 FROM webhook_deliveries
        WHERE endpoint_id = id AND number = removed_delivery + 1 AND attempted_at < ${expiry})
      LIMIT ${MAX_CLEARED_ENDPOINTS}`,
    // Each step seeks the next endpoint, however many deliveries the one before has.
    orphaned: sql<{ id: string }>`WITH RECURSIVE owner (id) AS (
        SELECT min(endpoint_id) FROM webhook_deliveries
        UNION ALL SELECT (SELECT min(endpoint_id) FROM webhook_deliveries WHERE endpoint_id > owner.id)
        FROM owner WHERE owner.id IS NOT NULL)
      SELECT id FROM owner WHERE id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM webhook_endpoints WHERE webhook_endpoints.id = owner.id)
      LIMIT ${MAX_CLEARED_ENDPOINTS}`,
  });
  let count = 0;
  for (const { id } of expired) {
    count += await removeExpired(db, id, expiry);
  }
  for (const { id } of orphaned) {
    count += await removeInBatches(
      db,
      (limit) => sql`DELETE FROM webhook_deliveries WHERE endpoint_id = ${id} AND number IN (
        SELECT number FROM webhook_deliveries WHERE endpoint_id = ${id} ORDER BY number LIMIT ${limit})
        RETURNING number`,
    );
  }
  return count;
}

/** Removes the deliveries of an endpoint from its oldest one to the last before the first that is kept. */
function removeExpired(db: Database, id: string, expiry: number): Promise<number> {
  return removeInBatches(
    db,
    (limit) => sql`DELETE FROM webhook_deliveries WHERE endpoint_id = ${id} AND number < (
      SELECT coalesce(min(iif(attempted_at < ${expiry}, NULL, number)), max(number) + 1)
      FROM (SELECT number, attempted_at FROM webhook_deliveries
        WHERE endpoint_id = ${id} ORDER BY number LIMIT ${limit}))
      RETURNING number`,
    sql<never>`UPDATE webhook_endpoints SET removed_delivery = removed_delivery + changes()
      WHERE id = ${id} AND ${HAS_WRITTEN}`,
  );
}
