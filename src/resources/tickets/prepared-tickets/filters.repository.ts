import { eq, isNull, type SQL } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import { preparedTickets, productLines } from '../../../db/schema.ts';
import { facets } from './day-counts.repository.ts';
import type { FilterName, PeriodBound, PreparedTicketFilters } from './filters.ts';
import { hasLine } from './ticket-columns.repository.ts';

/** A filter that finds tickets by itself. The bounds of the period only narrow what it finds. */
export type SelectiveFilter = Exclude<FilterName, PeriodBound>;

/** The value of a filter that is given. */
export type FilterValue<N extends SelectiveFilter> = Exclude<PreparedTicketFilters[N], undefined>;

/** How a filter finds tickets. */
interface FilterInSql<V> {
  /** A FROM clause whose rows have partner_id, ticket_number and created_at; its index has them in order of time. */
  readonly entries: string;
  /** Returns the condition under which an entry matches. */
  readonly entryMatches: (value: V) => SQL;
  /** Returns the condition under which a row of `prepared_tickets` matches. */
  readonly ticketMatches: (value: V) => SQL;
  /** Whether the entries are the tickets themselves, and not their product lines. */
  readonly areTickets: boolean;
  /** Whether a value matches one ticket at most, so that no other filter can find fewer. */
  readonly isUnique?: boolean;
  /** Returns the facet that counts the matches day by day; undefined when nothing does. */
  readonly facet?: (value: V) => string | undefined;
}

/** Finds the tickets with a value in a column, where null is a value like any other. */
function byColumn(column: SQLiteColumn, entries: string) {
  const matches = (value: string | number | null) =>
    value === null ? isNull(column) : eq(column, value);
  return { entries, entryMatches: matches, ticketMatches: matches, areTickets: true };
}

const indexed = (name: string) => `prepared_tickets INDEXED BY ${name}`;

/**
 * The filters in SQL: access paths, conditions and facets follow from this table. It has the filters of
 * the table in `filters.ts`, or the project does not compile.
 */
export const filtersInSql: { readonly [N in SelectiveFilter]: FilterInSql<FilterValue<N>> } = {
  ticket_number: {
    ...byColumn(preparedTickets.ticket_number, 'prepared_tickets'),
    isUnique: true,
  },
  vin: {
    ...byColumn(preparedTickets.vin, indexed('prepared_tickets_vin')),
    facet: (vin) => (vin === null ? facets.noVin : undefined),
  },
  preparer_external_reference: byColumn(
    preparedTickets.preparer_external_reference,
    indexed('prepared_tickets_reference'),
  ),
  customer_id: {
    ...byColumn(preparedTickets.customer_id, indexed('prepared_tickets_customer')),
    facet: facets.customer,
  },
  product_id: {
    entries: 'product_lines INDEXED BY product_lines_product',
    entryMatches: (productId) => eq(productLines.product_id, productId),
    ticketMatches: hasLine,
    areTickets: false,
    facet: facets.product,
  },
};
