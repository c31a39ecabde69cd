import type { Batch } from './batch.ts';

/** The most events that one batch removes, which takes about a second, and the most partners that have them. */
const MAX_EVENTS = 50_000;
const MAX_PARTNERS = 50;

interface PartnerEvents {
  readonly id: number;
  /** The sequence of the newest event of the partner, which stays. */
  readonly newest: number;
}

/** Selects partners whose first event is old and not their newest. `created_at` never decreases with the sequence. */
const partnersWith = (before: number) => `SELECT id, newest
  FROM (SELECT id, (SELECT min(sequence) FROM events WHERE partner_id = partners.id) AS first,
    (SELECT max(sequence) FROM events WHERE partner_id = partners.id) AS newest FROM partners) AS partner
  WHERE first < newest AND EXISTS (SELECT 1 FROM events
    WHERE partner_id = partner.id AND sequence = first AND created_at < ${before})
  LIMIT ${MAX_PARTNERS}`;

/** Returns the statements that remove the oldest events of a partner, and select how many they were. */
const removalOf = ({ id, newest }: PartnerEvents, before: number, limit: number) => [
  `DELETE FROM events WHERE partner_id = ${id} AND sequence IN (SELECT sequence FROM (
    SELECT sequence, created_at FROM events WHERE partner_id = ${id} AND sequence < ${newest}
    ORDER BY sequence LIMIT ${limit}) WHERE created_at < ${before})`,
  'SELECT changes() AS removed',
];

/**
 * Removes events from before a time, but never the newest one of a partner, with which its sequence goes on.
 *
 * @param before milliseconds since 1970.
 * @param progress receives how many are removed so far, after each batch.
 * @returns how many were removed.
 */
export async function removeOldEvents(
  execute: Batch,
  before: number,
  progress: (removed: number) => void = () => {},
  maxEvents = MAX_EVENTS,
): Promise<number> {
  for (let removed = 0; ; progress(removed)) {
    const [partners] = (await execute([partnersWith(before)])) as [PartnerEvents[]];
    if (partners.length === 0) {
      return removed;
    }
    const limit = Math.ceil(maxEvents / partners.length);
    const batch = partners.flatMap((partner) => removalOf(partner, before, limit));
    const counts = (await execute(batch)).flat() as { removed: number }[];
    removed += counts.reduce((sum, count) => sum + count.removed, 0);
  }
}
