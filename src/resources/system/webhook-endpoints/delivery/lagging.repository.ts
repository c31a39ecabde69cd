import { sql } from 'drizzle-orm';
import { isDisabledPartner } from '../../../../auth/credentials.repository.ts';
import type { Database } from '../../../../db/client.ts';

/** The most endpoints that one run of the cron trigger wakes. The next run wakes the others. */
const MAX_ENDPOINTS = 500;

/** An endpoint that has events to deliver now. */
export interface LaggingEndpoint {
  readonly id: string;
  readonly partner_id: number;
  /** How many events it is behind, including those that it does not receive. */
  readonly events: number;
  readonly failed_attempts: number;
}

/**
 * Returns the enabled endpoints that have events to deliver and do not wait for a time in the future, those that
 * are the furthest behind first.
 *
 * @param now milliseconds since 1970.
 */
export async function findLagging(db: Database, now: number): Promise<LaggingEndpoint[]> {
  const { found } = await db.readPrimary({
    found: sql<LaggingEndpoint>`SELECT id, partner_id, newest - position AS events, failed_attempts
      FROM (SELECT id, partner_id, position, failed_attempts,
          (SELECT max(sequence) FROM events WHERE events.partner_id = webhook_endpoints.partner_id) AS newest
        FROM webhook_endpoints
        WHERE disabled_at IS NULL AND coalesce(next_attempt_at, 0) <= ${now}
          AND NOT ${isDisabledPartner(sql`webhook_endpoints.partner_id`)})
      WHERE newest > position ORDER BY events DESC LIMIT ${MAX_ENDPOINTS}`,
  });
  return found;
}
