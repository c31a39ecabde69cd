import { tickets } from '../../../db/schema.ts';
import { searchBy } from '../access-paths.repository.ts';
import { pickedUpBook } from '../books.repository.ts';
import { facetsOfBook } from '../buckets.repository.ts';
import {
  byColumn,
  type FiltersInSql,
  givenFilters,
  type Selection,
} from '../selections.repository.ts';
import { type PeriodBound, periodOf, type TicketFilters } from './filters.ts';

/** A ticket as it is stored; times in milliseconds since 1970, UTC. */
export type TicketRow = Omit<typeof tickets.$inferSelect, 'partner_id'>;

/** The filters in SQL. The table has the filters of the table in `filters.ts`, or the project does not compile. */
const filtersInSql: FiltersInSql<Omit<TicketFilters, PeriodBound>> = {
  ticket_number: { ...byColumn(tickets.ticket_number, 'tickets'), isUnique: true },
  preparer_external_reference: byColumn(
    tickets.preparer_external_reference,
    'tickets INDEXED BY tickets_reference',
  ),
  customer_id: {
    ...byColumn(tickets.customer_id, 'tickets INDEXED BY tickets_customer'),
    facet: facetsOfBook.customer,
  },
};

/** Returns whether a list with these query parameters is a search. */
export const isSearch = searchBy(filtersInSql);

/** Returns the partner's picked-up tickets that match all filters. */
export function ticketSelection(partnerId: number, filters: TicketFilters): Selection<TicketRow> {
  return {
    book: pickedUpBook,
    partnerId,
    filters: givenFilters(filtersInSql, filters),
    period: periodOf(filters),
  };
}
