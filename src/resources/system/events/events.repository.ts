import { sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import type { EventType } from '../../../db/events.ts';

/** An event as it is stored. Times are milliseconds since 1970. */
export interface EventRow {
  readonly sequence: number;
  readonly id: string;
  readonly type: EventType;
  readonly created_at: number;
  readonly client_id: string | null;
  readonly subject_id: string;
  readonly prepared_ticket_id: string | null;
  readonly ticket_number: number | null;
  readonly version: number | null;
}

/** The columns of an `EventRow`, for a SELECT from `events`. */
export const eventColumns = sql.raw(
  'sequence, id, type, created_at, client_id, subject_id, prepared_ticket_id, ticket_number, version',
);

/** Which events a request selects. */
export interface EventSelection {
  /** The sequence of the last event that the caller has; 0 for the beginning of the feed. */
  readonly after: number;
  readonly type: EventType | undefined;
  /** 0 reads only the bounds. */
  readonly limit: number;
}

/** The bounds of a partner's feed. */
export interface FeedBounds {
  /** The sequence of the newest event; 0 if the partner has none. */
  readonly newest: number;
  /** The sequence of the oldest event that is kept; 1 if the partner has none. */
  readonly oldest: number;
}

/** Returns the statement that selects the bounds of a partner's feed, in one row. */
export const selectBounds = (partnerId: number) =>
  sql<FeedBounds>`SELECT
    coalesce((SELECT min(sequence) FROM events WHERE partner_id = ${partnerId}), 1) AS oldest,
    coalesce((SELECT max(sequence) FROM events WHERE partner_id = ${partnerId}), 0) AS newest`;

/**
 * Returns events of a partner, oldest first, and the bounds of the feed when they were read. It reads in
 * a session that began at the primary, because a replica can lag behind the response that contained the cursor.
 */
export async function findEvents(
  db: Database,
  partnerId: number,
  { after, type, limit }: EventSelection,
): Promise<{ rows: readonly EventRow[]; bounds: FeedBounds }> {
  const source =
    type === undefined
      ? sql`events WHERE partner_id = ${partnerId}`
      : sql`events INDEXED BY events_type WHERE partner_id = ${partnerId} AND type = ${type}`;
  const { rows, bounds } = await db.readPrimary({
    rows: sql<EventRow>`SELECT ${eventColumns}
      FROM ${source} AND sequence > ${after} ORDER BY sequence LIMIT ${limit}`,
    bounds: selectBounds(partnerId),
  });
  return { rows, bounds: bounds[0] as FeedBounds };
}
