import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import type { Page } from '../../../http/pagination.ts';
import { type AccessPath, accessPathsOf, conditionsOf } from './access-paths.repository.ts';
import { sumOfDays } from './day-counts.repository.ts';
import { type Period, type PreparedTicketFilters, periodOf } from './filters.ts';
import { type PreparedTicketRow, ticketColumnList, within } from './ticket-columns.repository.ts';

/**
 * Lists by filters of which no single one is counted: the path with the fewest matches finds the
 * candidates, the other filters are checked on each. So the cost follows the most selective filter.
 */

/** How many matches of an uncounted path are worth counting, when no path is counted. */
const WORTH_COUNTING = 1000;

/** The tickets that a path finds and that match all filters. */
function candidates(path: AccessPath, period: Period, conditions: SQL, unless: SQL): SQL {
  const { entries, condition, areTickets } = path;
  const found = sql`FROM ${entries} WHERE ${unless} AND ${condition} AND ${within(period)}`;
  return areTickets
    ? sql`SELECT ticket_number, created_at ${found} AND ${conditions}`
    : sql`SELECT prepared_tickets.ticket_number, prepared_tickets.created_at
        FROM (SELECT ticket_number ${found}) AS entry
        CROSS JOIN prepared_tickets ON prepared_tickets.ticket_number = entry.ticket_number
        WHERE ${conditions}`;
}

/**
 * A WITH clause that chooses a path: counted ones by their counts, the others by counting no more
 * entries than the best counted one has.
 */
function choice(partnerId: number, paths: readonly AccessPath[], period: Period): SQL {
  const known = paths.flatMap(({ name, facet }) =>
    facet === undefined
      ? []
      : [sql`SELECT ${name} AS path, ${sumOfDays(partnerId, facet, period)} AS cost`],
  );
  const limit = known.length === 0 ? sql`${WORTH_COUNTING}` : sql`(SELECT min(cost) FROM known)`;
  const probes = paths
    .filter(({ facet }) => facet === undefined)
    .map(
      ({ name, entries, condition }) => sql`SELECT ${name}, (SELECT count(*) FROM (
        SELECT 1 FROM ${entries} WHERE ${condition} AND ${within(period)} LIMIT ${limit}))`,
    );
  const none = sql`SELECT NULL AS path, NULL AS cost WHERE false`;
  const all = [sql`SELECT path, cost FROM known`, ...probes];
  return sql`WITH known AS MATERIALIZED (${sql.join([none, ...known], sql` UNION ALL `)}),
    choice AS MATERIALIZED (SELECT path FROM (${sql.join(all, sql` UNION ALL `)})
      ORDER BY cost LIMIT 1)`;
}

function matchesOf(partnerId: number, filters: PreparedTicketFilters) {
  const period = periodOf(filters);
  const paths = accessPathsOf(partnerId, filters);
  const conditions = conditionsOf(partnerId, filters);
  if (paths.length === 1) {
    return { choose: sql``, matches: candidates(paths[0], period, conditions, sql`true`) };
  }
  const branches = paths.map((path) =>
    candidates(path, period, conditions, sql`(SELECT path FROM choice) = ${path.name}`),
  );
  return {
    choose: choice(partnerId, paths, period),
    matches: sql.join(branches, sql` UNION ALL `),
  };
}

/** One page of the partner's tickets that match all filters, newest first, and how many match. */
export async function listByMatches(
  db: Database,
  partnerId: number,
  filters: PreparedTicketFilters,
  { limit, offset }: Page,
): Promise<{ rows: PreparedTicketRow[]; total: number }> {
  const { choose, matches } = matchesOf(partnerId, filters);
  const [rows, [counted]] = await db.read([
    sql<PreparedTicketRow>`${choose} SELECT ${ticketColumnList}
      FROM (${matches} ORDER BY created_at DESC, ticket_number DESC
        LIMIT ${limit} OFFSET ${offset}) AS match
      CROSS JOIN prepared_tickets ON prepared_tickets.ticket_number = match.ticket_number
      ORDER BY match.created_at DESC, match.ticket_number DESC`,
    sql<{ total: number }>`${choose} SELECT count(*) AS total FROM (${matches})`,
  ]);
  return { rows, total: counted?.total ?? 0 };
}
