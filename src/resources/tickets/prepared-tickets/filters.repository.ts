import { eq } from 'drizzle-orm';
import type { PartnerId } from '../../../db/partner-id.ts';
import { preparedTickets, productLines } from '../../../db/schema.ts';
import { searchBy } from '../access-paths.repository.ts';
import { preparedBook } from '../books.repository.ts';
import {
  byColumn,
  type FiltersInSql,
  givenFilters,
  type Selection,
} from '../selections.repository.ts';
import { type PeriodBound, type PreparedTicketFilters, periodOf } from './filters.ts';
import { hasLine, type PreparedTicketRow } from './ticket-columns.repository.ts';
import { facets } from './ticket-counts.repository.ts';

/** The filters that find tickets by themselves. The bounds of the period only narrow what they find. */
type SelectiveFilters = Omit<PreparedTicketFilters, PeriodBound>;

/** The name of a filter that finds tickets by itself. */
export type SelectiveFilter = keyof SelectiveFilters;

const indexed = (name: string) => `prepared_tickets INDEXED BY ${name}`;

/**
 * The filters in SQL: access paths, conditions and facets follow from this table. It has the filters of
 * the table in `filters.ts`, or the project does not compile.
 */
const filtersInSql: FiltersInSql<SelectiveFilters> = {
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

/** Returns whether a list with these query parameters is a search. */
export const isSearch = searchBy(filtersInSql);

/** Returns the partner's prepared tickets that match all filters. */
export function preparedSelection(
  partnerId: PartnerId,
  filters: PreparedTicketFilters,
): Selection<PreparedTicketRow> {
  return {
    book: preparedBook,
    partnerId,
    filters: givenFilters(filtersInSql, filters),
    period: periodOf(filters),
  };
}
