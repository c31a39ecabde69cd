import { eq, isNull, type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import type { PartnerId } from '../../db/partner-id.ts';
import type { Book } from './books.repository.ts';
import type { Period } from './period.ts';

/** A filter in SQL. */
interface FilterInSql<V> {
  /** A FROM clause whose rows have partner_id, ticket_number and the time of the book; its index has them in order of time. */
  readonly entries: string;
  /** Returns the condition under which an entry matches. */
  readonly entryMatches: (value: V) => SQL;
  /** Returns the condition under which a ticket matches. */
  readonly ticketMatches: (value: V) => SQL;
  /** Whether the entries are the tickets themselves, and not their product lines. */
  readonly areTickets: boolean;
  /** Whether a value matches one ticket at most, so that no other filter can find fewer. */
  readonly isUnique?: boolean;
  /** Returns the facet that counts the matches; undefined when nothing does. */
  readonly facet?: (value: V) => string | undefined;
}

/** The filters that find tickets by themselves, in SQL, by their names. `V` has the types of their values. */
export type FiltersInSql<V> = {
  readonly [N in keyof V]-?: FilterInSql<Exclude<V[N], undefined>>;
};

/** A filter that a request gives, with its conditions for the value that it gives. */
interface GivenFilter {
  readonly name: string;
  readonly entries: SQL;
  readonly areTickets: boolean;
  readonly isUnique: boolean;
  readonly entryMatches: SQL;
  readonly ticketMatches: SQL;
  readonly facet: string | undefined;
}

/** The tickets of a partner that match all given filters and whose time lies in a period. */
export interface Selection<Row = unknown> {
  readonly book: Book<Row>;
  readonly partnerId: PartnerId;
  readonly filters: readonly GivenFilter[];
  readonly period: Period;
}

/** Returns a filter by a value of a column. Null is a value like any other. */
export function byColumn(column: SQLiteColumn, entries: string) {
  const matches = (value: string | number | null) =>
    value === null ? isNull(column) : eq(column, value);
  return { entries, entryMatches: matches, ticketMatches: matches, areTickets: true };
}

function givenFilter<V>(name: string, filter: FilterInSql<V>, value: V): GivenFilter {
  const { entries, areTickets, isUnique = false, entryMatches, ticketMatches, facet } = filter;
  return {
    name,
    entries: sql.raw(entries),
    areTickets,
    isUnique,
    entryMatches: entryMatches(value),
    ticketMatches: ticketMatches(value),
    facet: facet?.(value),
  };
}

/** Returns the filters of a table that have a value. Values that the table has no filter for are ignored. */
export function givenFilters<V extends object>(
  table: FiltersInSql<V>,
  values: { readonly [N in keyof V]?: V[N] },
): GivenFilter[] {
  const names = Object.keys(table) as (keyof V & string)[];
  return names.flatMap((name) => {
    const value = values[name];
    return value === undefined
      ? []
      : [givenFilter(name, table[name], value as Exclude<V[typeof name], undefined>)];
  });
}

/** Returns the condition that the time of a ticket or of an entry lies in a period. */
export function within({ time }: Book, { from, to }: Period): SQL {
  const conditions = [
    ...(from === undefined ? [] : [sql`${time} >= ${from}`]),
    ...(to === undefined ? [] : [sql`${time} < ${to}`]),
  ];
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` AND `);
}
