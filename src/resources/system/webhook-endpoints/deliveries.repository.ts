import { sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { MAX_QUERIES } from '../../../db/cost.ts';
import { type EventType, HAS_WRITTEN } from '../../../db/events.ts';
import { ownedSql } from '../../../db/owned.ts';
import { type Removal, removeInBatches, type Steps } from '../../../db/removal.ts';
import type { Page } from '../../../http/requests/pagination.ts';
import { notFound } from '../owned-change.repository.ts';
import { hasKey, type OwnedKey } from '../owned-kind.repository.ts';
import type { AttemptError, TEST_EVENT } from './delivery/message.ts';
import { webhookEndpoint } from './webhook-endpoints.repository.ts';

/** An attempt to deliver an event, as it is stored. Times are milliseconds since 1970. */
export interface DeliveryRow {
  readonly event_id: string;
  readonly event_type: EventType | typeof TEST_EVENT;
  readonly sequence: number | null;
  readonly attempt: number;
  readonly attempted_at: number;
  readonly duration_ms: number;
  readonly status: number | null;
  readonly error: AttemptError | null;
  readonly response_text: string | null;
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
    counted: ownedSql<{ total: number }>`SELECT newest_delivery - removed_delivery AS total
      FROM webhook_endpoints WHERE ${hasKey(key)}`,
    rows: ownedSql<DeliveryRow>`SELECT event_id, event_type, sequence, attempt, attempted_at, duration_ms, status, error,
        response_text
      FROM (SELECT id, newest_delivery FROM webhook_endpoints WHERE ${hasKey(key)}) AS endpoint
        CROSS JOIN webhook_deliveries ON endpoint_id = endpoint.id AND number <= newest_delivery - ${offset}
      ORDER BY number DESC LIMIT ${limit}`,
  });
  if (counted[0] === undefined) {
    throw notFound(webhookEndpoint);
  }
  return { rows, total: counted[0].total };
}

/** How long a delivery is kept, in milliseconds: 30 days. */
export const DELIVERY_RETENTION_MS = 30 * 86_400_000;

/**
 * Removes the deliveries that are older than 30 days, the oldest of each endpoint first, and all deliveries of
 * endpoints that were deleted. The numbers of the remaining deliveries have no gaps, because the first one that
 * is kept ends the removal, and `removed_delivery` follows in the same transaction. The endpoint with the oldest delivery
 * comes first, so a run goes on where the one before had no queries left.
 *
 * @param now milliseconds since 1970.
 */
export async function* removeDeliveries(db: Database, now: number): Steps {
  const expiry = now - DELIVERY_RETENTION_MS;
  const all = db.ofAllPartners;
  const { orphaned, expired } = await all.read({
    // Each step seeks the next endpoint, however many deliveries the one before has.
    orphaned: sql<{ id: string }>`WITH RECURSIVE owner (id) AS (
        SELECT min(endpoint_id) FROM webhook_deliveries
        UNION ALL SELECT (SELECT min(endpoint_id) FROM webhook_deliveries WHERE endpoint_id > owner.id)
        FROM owner WHERE owner.id IS NOT NULL)
      SELECT id FROM owner WHERE id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM webhook_endpoints WHERE webhook_endpoints.id = owner.id)
      LIMIT ${MAX_QUERIES}`,
    expired: sql<{ id: string }>`SELECT id FROM webhook_endpoints
        CROSS JOIN webhook_deliveries ON endpoint_id = id AND number = removed_delivery + 1
      WHERE removed_delivery < newest_delivery AND attempted_at < ${expiry}
      ORDER BY attempted_at LIMIT ${MAX_QUERIES}`,
  });
  yield* removeInBatches(all, [
    ...orphaned.map(({ id }) => removalOfAll(id)),
    ...expired.map(({ id }) => removalOfExpired(id, expiry)),
  ]);
}

const removalOfAll = (id: string): Removal => ({
  batch: (limit) => sql`DELETE FROM webhook_deliveries WHERE endpoint_id = ${id} AND number IN (
    SELECT number FROM webhook_deliveries WHERE endpoint_id = ${id} ORDER BY number LIMIT ${limit})
    RETURNING number`,
});

/** Returns what removes the deliveries of an endpoint from its oldest one to the last before the first that is kept. */
const removalOfExpired = (id: string, expiry: number): Removal => ({
  batch: (limit) => sql`DELETE FROM webhook_deliveries WHERE endpoint_id = ${id} AND number < (
    SELECT coalesce(min(iif(attempted_at < ${expiry}, NULL, number)), max(number) + 1)
    FROM (SELECT number, attempted_at FROM webhook_deliveries
      WHERE endpoint_id = ${id} ORDER BY number LIMIT ${limit}))
    RETURNING number`,
  follow: sql<never>`UPDATE webhook_endpoints SET removed_delivery = removed_delivery + changes()
    WHERE id = ${id} AND ${HAS_WRITTEN}`,
});
