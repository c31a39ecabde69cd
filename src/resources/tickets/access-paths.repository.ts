import { type SQL, sql } from 'drizzle-orm';
import { type Owned, ownedJoin, ownedSql } from '../../db/owned.ts';
import { facetsOfBook } from './buckets.repository.ts';
import type { FiltersInSql, Selection } from './selections.repository.ts';

/** A filter that can find its tickets by itself, through an index that has them in order of time. */
export interface AccessPath {
  /** The name of the filter, or `all` if there is none. */
  readonly name: string;
  /** A FROM clause whose rows have ticket_number and the time of the book. */
  readonly entries: SQL;
  /** The condition under which an entry matches. It always names the partner. */
  readonly condition: Owned;
  /** Whether the entries are the tickets themselves, and not their product lines. */
  readonly areTickets: boolean;
  /** The facet that counts its matches bucket by bucket, if there is one. */
  readonly facet: string | undefined;
}

/** Returns the filters that can find the tickets: only the one that matches one ticket at most, if it is given. */
function findingFilters<F extends { readonly isUnique?: boolean | undefined }>(
  filters: readonly F[],
): readonly F[] {
  const unique = filters.find(({ isUnique }) => isUnique);
  return unique === undefined ? filters : [unique];
}

/**
 * Returns a function that tells whether a list with these query parameters is a search: it has several
 * access paths, so no count serves it and the time that it takes is known only afterwards.
 *
 * @param table the filters of the list, in SQL.
 */
export function searchBy(table: FiltersInSql<object>) {
  const filters: [string, { isUnique?: boolean }][] = Object.entries(table);
  return (parameters: ReadonlySet<string>): boolean =>
    findingFilters(filters.flatMap(([name, filter]) => (parameters.has(name) ? [filter] : [])))
      .length > 1;
}

/**
 * Returns the access paths that the filters of a selection offer: the one of all the partner's tickets
 * when there is no filter, and no other beside a filter that matches one ticket at most.
 */
export function accessPathsOf({
  book,
  partnerId,
  filters,
}: Selection): [AccessPath, ...AccessPath[]] {
  const ofPartner = ownedSql`partner_id = ${partnerId}`;
  const paths = findingFilters(filters).map(
    ({ name, entries, areTickets, entryMatches, facet }): AccessPath => ({
      name,
      entries,
      condition: ownedSql`${ofPartner} AND ${entryMatches}`,
      areTickets,
      facet,
    }),
  );
  const all: AccessPath = {
    name: 'all',
    entries: book.entries,
    condition: ofPartner,
    areTickets: true,
    facet: facetsOfBook.all,
  };
  const [first = all, ...others] = paths;
  return [first, ...others];
}

/**
 * Returns the condition of all filters but the period and that of `path`, on a ticket that `path` found.
 * It names the partner too.
 */
export function conditionsOf({ book, partnerId, filters }: Selection, path: AccessPath): Owned {
  const others = filters.filter(({ name }) => name !== path.name);
  return ownedJoin(
    [
      ownedSql`${book.tickets}.partner_id = ${partnerId}`,
      ...others.map(({ ticketMatches }) => ticketMatches),
    ],
    sql` AND `,
  );
}
