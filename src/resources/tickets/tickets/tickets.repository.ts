import { sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { ownedSql, partnerPlaceholder } from '../../../db/owned.ts';
import type { PartnerId } from '../../../db/partner-id.ts';
import { tickets } from '../../../db/schema.ts';
import { compile } from '../../../db/statements.ts';
import type { Page } from '../../../http/requests/pagination.ts';
import { searchBy } from '../access-paths.repository.ts';
import { pickedUpBook } from '../books.repository.ts';
import { facetsOfBook } from '../buckets.repository.ts';
import { listSelection } from '../lists.repository.ts';
import {
  byColumn,
  type FiltersInSql,
  givenFilters,
  type Selection,
} from '../selections.repository.ts';
import { type PeriodBound, periodOf, type TicketFilters } from './filters.ts';

/** The states of the work on a ticket. */
export const states = tickets.state.enumValues;

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
export function pickedUpSelection(
  partnerId: PartnerId,
  filters: TicketFilters,
): Selection<TicketRow> {
  return {
    book: pickedUpBook,
    partnerId,
    filters: givenFilters(filtersInSql, filters),
    period: periodOf(filters),
  };
}

/** Returns one page of the partner's picked-up tickets that match all filters, newest first, and how many match. */
export function listTickets(
  db: Database,
  partnerId: PartnerId,
  filters: TicketFilters,
  page: Page,
): Promise<{ rows: TicketRow[]; total: number }> {
  return listSelection(db, pickedUpSelection(partnerId, filters), page);
}

const ticketById = compile<TicketRow, 'partnerId' | 'id'>(
  ownedSql`SELECT ${pickedUpBook.columns} FROM ${pickedUpBook.tickets}
    WHERE id = ${sql.placeholder('id')} AND partner_id = ${partnerPlaceholder}`,
);

/** Returns the partner's picked-up ticket, or undefined if the id is unknown or another partner's. */
export async function findTicket(
  db: Database,
  partnerId: PartnerId,
  id: string,
): Promise<TicketRow | undefined> {
  const {
    found: [row],
  } = await db.read({ found: ticketById({ partnerId, id }) });
  return row;
}
