import { and, eq } from 'drizzle-orm';
import { type Database, query } from '../../../db/client.ts';
import { preparedTickets, productLines } from '../../../db/schema.ts';
import type { Page } from '../../../http/pagination.ts';
import { accessPathsOf } from './access-paths.repository.ts';
import { type CountedPath, listByCounts } from './counted-list.repository.ts';
import { countTicketIn, countTicketOut, countVinChange } from './day-counts.repository.ts';
import { isEmpty, type PreparedTicketFilters, periodOf } from './filters.ts';
import { listByMatches } from './matched-list.repository.ts';
import {
  numberOf,
  ofPartner,
  type PreparedTicketRow,
  ticketColumns,
} from './ticket-columns.repository.ts';

export type { PreparedTicketRow } from './ticket-columns.repository.ts';

/** What a caller chooses of a ticket and can change later. */
export type PreparedTicketValues = Omit<
  PreparedTicketRow,
  'id' | 'created_at' | 'ticket_number' | 'customer_id'
>;

/** One page of the partner's tickets that match all filters, newest first, and how many match. */
export async function listPreparedTickets(
  db: Database,
  partnerId: number,
  filters: PreparedTicketFilters,
  page: Page,
): Promise<{ rows: PreparedTicketRow[]; total: number }> {
  const period = periodOf(filters);
  if (isEmpty(period)) {
    return { rows: [], total: 0 };
  }
  const [path, ...others] = accessPathsOf(partnerId, filters);
  if (others.length === 0 && path.facet !== undefined) {
    return listByCounts(db, { partnerId, path: path as CountedPath, period }, page);
  }
  return listByMatches(db, partnerId, filters, page);
}

/** The partner's ticket, or undefined: nobody can tell another partner's from one that never was. */
export async function findPreparedTicket(
  db: Database,
  partnerId: number,
  id: string,
): Promise<PreparedTicketRow | undefined> {
  const [[row]] = await db.batch([
    query.select(ticketColumns).from(preparedTickets).where(ofPartner(partnerId, id)),
  ]);
  return row;
}

/** Writes a ticket; SQLite chooses its number. */
export async function insertPreparedTicket(
  db: Database,
  partnerId: number,
  ticket: Omit<PreparedTicketRow, 'ticket_number'>,
): Promise<PreparedTicketRow> {
  const [[row]] = await db.batch([
    query
      .insert(preparedTickets)
      .values({ ...ticket, partner_id: partnerId })
      .returning(ticketColumns),
    countTicketIn(ofPartner(partnerId, ticket.id)),
  ]);
  return row as PreparedTicketRow;
}

export type UpdateOutcome =
  | { readonly outcome: 'updated'; readonly row: PreparedTicketRow }
  | { readonly outcome: 'not-found' }
  | { readonly outcome: 'other-customer' };

/**
 * Replaces the values of the partner's ticket.
 *
 * @param customerId when given, the ticket changes only if it is this customer's.
 */
export async function updatePreparedTicket(
  db: Database,
  partnerId: number,
  id: string,
  values: PreparedTicketValues,
  customerId: string | undefined,
): Promise<UpdateOutcome> {
  const ticket = ofPartner(partnerId, id);
  const condition =
    and(
      ticket,
      customerId === undefined ? undefined : eq(preparedTickets.customer_id, customerId),
    ) ?? ticket;
  const [, [row], [existing]] = await db.batch([
    countVinChange(condition, values.vin),
    query.update(preparedTickets).set(values).where(condition).returning(ticketColumns),
    query.select({ id: preparedTickets.id }).from(preparedTickets).where(ticket),
  ]);
  if (row !== undefined) {
    return { outcome: 'updated', row };
  }
  return { outcome: existing === undefined ? 'not-found' : 'other-customer' };
}

/** Deletes the partner's ticket and its product lines; false when there is none. */
export async function deletePreparedTicket(
  db: Database,
  partnerId: number,
  id: string,
): Promise<boolean> {
  const ticket = ofPartner(partnerId, id);
  const [, , deleted] = await db.batch([
    countTicketOut(ticket),
    query.delete(productLines).where(eq(productLines.ticket_number, numberOf(ticket))),
    query.delete(preparedTickets).where(ticket).returning({ id: preparedTickets.id }),
  ]);
  return deleted.length > 0;
}
