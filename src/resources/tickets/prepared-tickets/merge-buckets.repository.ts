import { sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { type Owned, ownedSql } from '../../../db/owned.ts';
import type { PartnerId } from '../../../db/partner-id.ts';
import { removeInBatches, type Steps } from '../../../db/removal.ts';
import type { Statement } from '../../../db/statements.ts';
import { partOf, TICKETS_PER_PART, ticketsOfRow } from '../buckets.repository.ts';
import { facetOfLine, facetsOfTicket } from './ticket-counts.repository.ts';

/**
 * Keeps the number of buckets in `ticket_counts` in proportion to the tickets: removes the counts of facets
 * without a ticket, and merges neighbouring buckets that deletions made sparse. Afterwards a list costs as much
 * as if the deleted tickets had never existed.
 */

/** The maximum number of mergers in one run. The others wait for the next run. */
const MAX_MERGERS = 40;

/** A run of neighbouring buckets of a partner: from `begun_at` until the bucket at `ended_at`. */
interface SparseRun {
  readonly partner_id: PartnerId;
  readonly begun_at: number;
  readonly ended_at: number;
  readonly tickets: number;
}

interface Bucket {
  readonly partner_id: PartnerId;
  readonly begun_at: number;
  readonly tickets: number;
}

/**
 * Finds the runs of two or more buckets whose tickets fit into one.
 *
 * @param buckets in order of partner and time. The newest of a partner is never part of a run, because it
 * receives the new tickets.
 */
export function sparseRuns(buckets: readonly Bucket[], ticketsPerBucket: number): SparseRun[] {
  const runs: SparseRun[] = [];
  let first = 0;
  let tickets = 0;
  for (const [i, bucket] of buckets.entries()) {
    const isNewest = buckets[i + 1]?.partner_id !== bucket.partner_id;
    const fits = !isNewest && tickets + bucket.tickets <= ticketsPerBucket;
    if (fits) {
      tickets += bucket.tickets;
      continue;
    }
    const start = buckets[first] as Bucket;
    if (i - first > 1) {
      runs.push({ ...start, ended_at: bucket.begun_at, tickets });
    }
    first = isNewest ? i + 1 : i;
    tickets = isNewest ? 0 : bucket.tickets;
  }
  return runs;
}

/** Returns the condition that a ticket or a line belongs to a run. */
const within = ({ partner_id, begun_at, ended_at }: SparseRun): Owned =>
  ownedSql`partner_id = ${partner_id} AND created_at >= ${begun_at} AND created_at < ${ended_at}`;

/** Returns a SELECT of every facet of every ticket of a run, with its time. */
function facetsOf(run: SparseRun): Owned {
  const tickets = ownedSql`FROM prepared_tickets INDEXED BY prepared_tickets_newest WHERE ${within(run)}`;
  const ofTickets = facetsOfTicket.map(
    ({ facet, condition }) =>
      ownedSql`UNION ALL SELECT ${sql.raw(facet)}, created_at ${tickets} AND ${sql.raw(condition)}`,
  );
  return ownedSql`SELECT 'all' AS facet, created_at ${tickets} ${sql.join(ofTickets, sql` `)}
    UNION ALL SELECT ${sql.raw(facetOfLine)}, line.created_at FROM (SELECT ticket_number ${tickets}) AS ticket
      CROSS JOIN product_lines AS line
        ON line.partner_id = ${run.partner_id} AND line.ticket_number = ticket.ticket_number`;
}

/**
 * Returns the statements that merge a run into one bucket, from the rows that it counts. They change nothing if
 * another run of this task has already merged the buckets: both ends must still begin a bucket.
 */
function mergeStatements(run: SparseRun) {
  const { partner_id, begun_at, ended_at, tickets } = run;
  const own = ownedSql`partner_id = ${partner_id}`;
  const begins = (time: number) =>
    sql`EXISTS (SELECT 1 FROM ticket_counts WHERE ${own} AND facet = 'all' AND begun_at = ${time})`;
  const isThere = sql`${begins(begun_at)} AND ${begins(ended_at)}`;
  /** Returns the time after one, two or three quarters of the tickets, as a scalar. */
  const quarter = (quarters: number) =>
    sql`(SELECT created_at FROM prepared_tickets INDEXED BY prepared_tickets_newest
      WHERE ${within(run)} ORDER BY created_at, ticket_number
      LIMIT 1 OFFSET ${Math.floor((tickets * quarters) / 4)})`;
  const span = sql`begun_at >= ${begun_at} AND begun_at < ${ended_at}`;
  return {
    divide: ownedSql<never>`UPDATE ticket_counts SET part_0 = 0, part_1 = 0, part_2 = 0, part_3 = 0,
        begun_1 = ${quarter(1)}, begun_2 = ${quarter(2)}, begun_3 = ${quarter(3)}
      WHERE ${own} AND facet = 'all' AND begun_at = ${begun_at} AND ${isThere}`,
    removeCounts: ownedSql<never>`DELETE FROM ticket_counts WHERE ${own} AND facet <> 'all' AND ${span} AND ${isThere}
      AND facet IN (SELECT facet FROM (${facetsOf(run)}))`,
    removeBuckets: ownedSql<never>`DELETE FROM ticket_counts WHERE ${own} AND facet = 'all' AND ${span}
      AND begun_at > ${begun_at} AND ${isThere}`,
    count: ownedSql<never>`INSERT INTO ticket_counts (partner_id, facet, begun_at, part_0, part_1, part_2, part_3)
      SELECT ${partner_id}, facet, ${begun_at}, sum(part = 0), sum(part = 1), sum(part = 2), sum(part = 3)
      FROM (SELECT entry.facet, ${partOf(sql`entry.created_at`)} AS part
        FROM (SELECT begun_1, begun_2, begun_3 FROM ticket_counts
          WHERE ${own} AND facet = 'all' AND begun_at = ${begun_at}) AS bucket
        CROSS JOIN (${facetsOf(run)}) AS entry)
      WHERE ${isThere} GROUP BY facet
      ON CONFLICT (partner_id, facet, begun_at) DO UPDATE SET part_0 = excluded.part_0,
        part_1 = excluded.part_1, part_2 = excluded.part_2, part_3 = excluded.part_3`,
  };
}

/** Removes counts without a ticket. */
function removeEmptyCounts(db: Database<Statement>): Steps {
  const batch = (
    limit: number,
  ) => sql`DELETE FROM ticket_counts WHERE (partner_id, facet, begun_at) IN (
    SELECT partner_id, facet, begun_at FROM ticket_counts INDEXED BY ticket_counts_empty
    WHERE facet <> 'all' AND ${ticketsOfRow} = 0 LIMIT ${limit}) RETURNING begun_at`;
  return removeInBatches(db, [{ batch }]);
}

/** Removes empty counts and merges sparse buckets, of all partners. It yields the rows that it removed or merged into. */
export async function* mergeBuckets(
  db: Database,
  _now: number,
  ticketsPerPart: number = TICKETS_PER_PART,
): Steps {
  const all = db.ofAllPartners;
  yield* removeEmptyCounts(all);
  const { buckets } = await all.read({
    buckets: sql<Bucket>`SELECT partner_id, begun_at, ${ticketsOfRow} AS tickets
      FROM partners CROSS JOIN ticket_counts ON partner_id = partners.id AND facet = 'all'
      ORDER BY partner_id, begun_at`,
  });
  const runs = sparseRuns(buckets, 4 * ticketsPerPart).slice(0, MAX_MERGERS);
  for (const run of runs) {
    await db.write(mergeStatements(run));
    yield 1;
  }
}
