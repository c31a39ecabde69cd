import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/client.ts';
import { type Owned, ownedJoin, ownedSql } from '../../db/owned.ts';
import type { Page } from '../../http/requests/pagination.ts';
import { type AccessPath, accessPathsOf, conditionsOf } from './access-paths.repository.ts';
import { sumOfBuckets } from './buckets.repository.ts';
import { type Selection, within } from './selections.repository.ts';

/**
 * Lists tickets by filters of which no single one is counted. The path with the fewest matches finds the
 * candidates, and the other filters are checked on each. So the cost follows the most selective filter.
 */

/** The maximum number of matches of an uncounted path that are counted, if no path is counted. */
const WORTH_COUNTING = 1000;

/** Returns a SELECT of the tickets that a path finds and that match all filters. */
function candidates(selection: Selection, path: AccessPath, isChoice: boolean): Owned {
  const { book, partnerId, period } = selection;
  const { tickets, time } = book;
  const { name, entries, condition, areTickets } = path;
  const conditions = conditionsOf(selection, path);
  // This is the outer loop, because SQLite would test a subquery in WHERE at each entry of a path not chosen.
  const chosen = isChoice ? sql`(SELECT 1 FROM choice WHERE path = ${name}) CROSS JOIN` : sql``;
  const found = ownedSql`FROM ${chosen} ${entries} WHERE ${condition} AND ${within(book, period)}`;
  return areTickets
    ? ownedSql`SELECT ticket_number, ${time} ${found} AND ${conditions}`
    : ownedSql`SELECT ${tickets}.ticket_number, ${tickets}.${time}
        FROM (SELECT ticket_number ${found}) AS entry
        CROSS JOIN ${tickets}
          ON ${tickets}.partner_id = ${partnerId} AND ${tickets}.ticket_number = entry.ticket_number
        WHERE ${conditions}`;
}

/**
 * Returns a WITH clause that chooses a path, as the table `choice` with its name in `path`. Counted paths are
 * compared by their counts, and the others by counting at most as many entries as the best counted one has.
 */
export function choice({ book, partnerId, period }: Selection, paths: readonly AccessPath[]): SQL {
  const known = paths.flatMap(({ name, facet }) =>
    facet === undefined
      ? []
      : [sql`SELECT ${name} AS path, ${sumOfBuckets(book, partnerId, facet, period)} AS cost`],
  );
  const limit = known.length === 0 ? sql`${WORTH_COUNTING}` : sql`(SELECT min(cost) FROM known)`;
  const probes = paths
    .filter(({ facet }) => facet === undefined)
    .map(
      ({ name, entries, condition }) => sql`SELECT ${name}, (SELECT count(*) FROM (
        SELECT 1 FROM ${entries} WHERE ${condition} AND ${within(book, period)} LIMIT ${limit}))`,
    );
  const none = sql`SELECT NULL AS path, NULL AS cost WHERE false`;
  const all = [sql`SELECT path, cost FROM known`, ...probes];
  return sql`WITH known AS MATERIALIZED (${sql.join([none, ...known], sql` UNION ALL `)}),
    choice AS MATERIALIZED (SELECT path FROM (${sql.join(all, sql` UNION ALL `)})
      ORDER BY cost LIMIT 1)`;
}

/** Returns one page of the tickets of a selection, newest first, and how many match. */
export async function listByMatches<Row extends { readonly id: string }>(
  db: Database,
  selection: Selection<Row>,
  page: Page,
): Promise<{ rows: Row[]; total: number }> {
  const paths = accessPathsOf(selection);
  const [only, ...others] = paths;
  if (others.length === 0) {
    return listMatches(db, selection, candidates(selection, only, false), page);
  }
  const branches = paths.map((path) => candidates(selection, path, true));
  const choose = choice(selection, paths);
  return listChosen(db, selection, choose, ownedJoin(branches, sql` UNION ALL `), page);
}

/** Lists by the only path. Its index has the order of the list, so nothing is kept or sorted. */
async function listMatches<Row>(
  db: Database,
  selection: Selection<Row>,
  matches: Owned,
  page: Page,
) {
  const {
    rows,
    counted: [counted],
  } = await db.read({
    rows: ownedSql<Row>`${pageOf(selection, matches, page)}
      ORDER BY match.${selection.book.time} DESC, match.ticket_number DESC`,
    counted: ownedSql<{ total: number }>`SELECT count(*) AS total FROM (${matches})`,
  });
  return { rows, total: counted?.total ?? 0 };
}

/** Lists by the path that SQLite chooses. The path is chosen and read once, for the page and for the total. */
async function listChosen<Row extends { readonly id: string }>(
  db: Database,
  selection: Selection<Row>,
  choose: SQL,
  matches: SQL,
  page: Page,
) {
  const { time } = selection.book;
  const found = sql`SELECT ticket_number, ${time} FROM found`;
  const { rows } = await db.read({
    rows: ownedSql<Row & { total: number }>`${choose}, found AS MATERIALIZED (${matches})
      SELECT page.*, (SELECT count(*) FROM found) AS total
      FROM (SELECT 1) LEFT JOIN (${pageOf(selection, found, page)}) AS page
      ORDER BY page.${time} DESC, page.ticket_number DESC`,
  });
  // Without a match on the page, its one row has nothing but the total.
  return { rows: rows.filter(({ id }) => id !== null), total: rows[0]?.total ?? 0 };
}

/** Returns a SELECT of the tickets of one page of matches. */
function pageOf(
  { book: { tickets, time, columns }, partnerId }: Selection,
  matches: SQL,
  { limit, offset }: Page,
): Owned {
  return ownedSql`SELECT ${columns} FROM (
      ${matches} ORDER BY ${time} DESC, ticket_number DESC LIMIT ${limit} OFFSET ${offset}) AS match
    CROSS JOIN ${tickets}
      ON ${tickets}.partner_id = ${partnerId} AND ${tickets}.ticket_number = match.ticket_number`;
}
