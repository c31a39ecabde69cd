import { type SQL, sql } from 'drizzle-orm';
import { facets } from './day-counts.repository.ts';
import { type FilterValue, filtersInSql, type SelectiveFilter } from './filters.repository.ts';
import type { PreparedTicketFilters } from './filters.ts';

/** A filter that can find its tickets by itself, through an index that has them in order of time. */
export interface AccessPath {
  /** The name of the filter; `all` when there is none. */
  readonly name: string;
  /** A FROM clause whose rows have ticket_number and created_at. */
  readonly entries: SQL;
  /** Which of them match; always names the partner. */
  readonly condition: SQL;
  /** Whether the entries are the tickets themselves, and not their product lines. */
  readonly areTickets: boolean;
  /** The facet that counts its matches day by day; undefined when nothing does. */
  readonly facet?: string;
}

/** A filter that a request gives, with its conditions for the value that it gives. */
function givenFilter<N extends SelectiveFilter>(name: N, filters: PreparedTicketFilters) {
  if (filters[name] === undefined) {
    return [];
  }
  const value = filters[name] as FilterValue<N>;
  const { entries, areTickets, isUnique, entryMatches, ticketMatches, facet } = filtersInSql[name];
  return [
    {
      name,
      entries: sql.raw(entries),
      areTickets,
      isUnique,
      entryMatches: entryMatches(value),
      ticketMatches: ticketMatches(value),
      facet: facet?.(value),
    },
  ];
}

function givenFilters(filters: PreparedTicketFilters) {
  const names = Object.keys(filtersInSql) as SelectiveFilter[];
  return names.flatMap((name) => givenFilter(name, filters));
}

/**
 * Returns the access paths that these filters offer: the one of all the partner's tickets when there is
 * no filter, and no other beside a filter that matches one ticket at most.
 */
export function accessPathsOf(
  partnerId: number,
  filters: PreparedTicketFilters,
): [AccessPath, ...AccessPath[]] {
  const ofPartner = sql`partner_id = ${partnerId}`;
  const given = givenFilters(filters);
  const unique = given.find(({ isUnique }) => isUnique);
  const paths = (unique === undefined ? given : [unique]).map(
    ({ name, entries, areTickets, entryMatches, facet }): AccessPath => ({
      name,
      entries,
      condition: sql`${ofPartner} AND ${entryMatches}`,
      areTickets,
      facet,
    }),
  );
  const all: AccessPath = {
    name: 'all',
    entries: sql.raw('prepared_tickets INDEXED BY prepared_tickets_newest'),
    condition: ofPartner,
    areTickets: true,
    facet: facets.all,
  };
  const [first = all, ...others] = paths;
  return [first, ...others];
}

/**
 * Returns the condition of all filters but the period and that of `path`, on a row of prepared_tickets
 * that `path` found. It names the partner too.
 */
export function conditionsOf(
  partnerId: number,
  filters: PreparedTicketFilters,
  path: AccessPath,
): SQL {
  const others = givenFilters(filters).filter(({ name }) => name !== path.name);
  return sql.join(
    [
      sql`prepared_tickets.partner_id = ${partnerId}`,
      ...others.map(({ ticketMatches }) => ticketMatches),
    ],
    sql` AND `,
  );
}
