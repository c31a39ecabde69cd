import { sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { MAX_QUERIES } from '../../../db/cost.ts';
import type { EventType } from '../../../db/events.ts';
import { type Owned, ownedJoin, ownedSql } from '../../../db/owned.ts';
import type { PartnerId } from '../../../db/partner-id.ts';
import { removeInBatches, type Steps } from '../../../db/removal.ts';

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
  /** Of a ticket or a product line: the reference of the ticket; null in events from before it was recorded. */
  readonly preparer_external_reference: string | null;
}

/** The columns of an `EventRow`, for a SELECT from `events`. */
export const eventColumns = sql.raw(
  'sequence, id, type, created_at, client_id, subject_id, prepared_ticket_id, ticket_number, version, preparer_external_reference',
);

/** Which events a request selects. */
export interface EventSelection {
  /** The sequence of the last event that the caller has; 0 for the beginning of the feed. */
  readonly after: number;
  /** Distinct types; undefined for all. */
  readonly types: readonly EventType[] | undefined;
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
export const selectBounds = (partnerId: PartnerId) =>
  ownedSql<FeedBounds>`SELECT
    coalesce((SELECT min(sequence) FROM events WHERE partner_id = ${partnerId}), 1) AS oldest,
    coalesce((SELECT max(sequence) FROM events WHERE partner_id = ${partnerId}), 0) AS newest`;

/** The most SELECTs that D1 accepts in one UNION ALL. */
const MAX_UNITED = 5;

/**
 * Returns a SELECT of the rows of ordered searches, which SQLite merges: it reads one row ahead in each, and ends all of
 * them at the limit. So a page of several types reads about as many rows as it has events, whereas `type IN (…)` would
 * sort every event of these types.
 */
function united(searches: readonly Owned[]): Owned {
  if (searches.length <= MAX_UNITED) {
    return ownedJoin(searches, sql` UNION ALL `);
  }
  const groups: Owned[] = [];
  for (let i = 0; i < searches.length; i += MAX_UNITED) {
    const group = united(searches.slice(i, i + MAX_UNITED));
    groups.push(ownedSql`SELECT * FROM (${group})`);
  }
  return united(groups);
}

/**
 * Returns events of a partner, oldest first, and the bounds of the feed when they were read. It reads
 * at the primary, because a replica can lag behind the response that contained the cursor.
 */
export async function findEvents(
  db: Database,
  partnerId: PartnerId,
  { after, types, limit }: EventSelection,
): Promise<{ rows: readonly EventRow[]; bounds: FeedBounds }> {
  const searchIn = (events: Owned) =>
    ownedSql`SELECT ${eventColumns} FROM ${events} AND sequence > ${after}`;
  const searches = types?.map((type) =>
    searchIn(
      ownedSql`events INDEXED BY events_type WHERE partner_id = ${partnerId} AND type = ${type}`,
    ),
  ) ?? [searchIn(ownedSql`events WHERE partner_id = ${partnerId}`)];
  const { rows, bounds } = await db.readPrimary({
    rows: ownedSql<EventRow>`${united(searches)} ORDER BY sequence LIMIT ${limit}`,
    bounds: selectBounds(partnerId),
  });
  return { rows, bounds: bounds[0] as FeedBounds };
}

/** How long an event is kept at least, in milliseconds: 30 days. */
export const EVENT_RETENTION_MS = 30 * 86_400_000;

/**
 * Removes the expired events of all partners. The newest event of a partner is kept, so that its sequence
 * goes on. `created_at` never decreases with the sequence, so the expired events of a partner are its oldest. The partner
 * whose oldest event is the oldest of all comes first, so a run goes on where the one before had no queries left.
 *
 * @param now milliseconds since 1970.
 */
export async function* removeExpiredEvents(db: Database, now: number): Steps {
  const expiry = now - EVENT_RETENTION_MS;
  const all = db.ofAllPartners;
  const eventsOf = sql`FROM events WHERE partner_id = partners.id`;
  // The limit of the subquery keeps SQLite from flattening it, which would look each partner up several times.
  const { partners } = await all.read({
    partners: sql<{ id: PartnerId; newest: number }>`SELECT id, newest FROM (
        SELECT id, (SELECT max(sequence) ${eventsOf}) AS newest, (SELECT min(sequence) ${eventsOf}) AS oldest,
          (SELECT created_at ${eventsOf} ORDER BY sequence LIMIT 1) AS since
        FROM partners LIMIT -1)
      WHERE since < ${expiry} AND oldest < newest ORDER BY since LIMIT ${MAX_QUERIES}`,
  });
  const removals = partners.map(({ id, newest }) => ({
    batch: (limit: number) => sql`DELETE FROM events WHERE partner_id = ${id} AND sequence IN (
      SELECT sequence FROM (SELECT sequence, created_at FROM events
        WHERE partner_id = ${id} AND sequence < ${newest} ORDER BY sequence LIMIT ${limit})
      WHERE created_at < ${expiry}) RETURNING sequence`,
  }));
  yield* removeInBatches(all, removals);
}
