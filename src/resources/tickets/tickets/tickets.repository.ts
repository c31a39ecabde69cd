import { sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { compile } from '../../../db/statements.ts';
import type { Page } from '../../../http/requests/pagination.ts';
import { pickedUpBook } from '../books.repository.ts';
import { listSelection } from '../lists.repository.ts';
import { type TicketRow, ticketSelection } from './filters.repository.ts';
import type { TicketFilters } from './filters.ts';

export type { TicketRow } from './filters.repository.ts';

/** One page of the partner's picked-up tickets that match all filters, newest first, and how many match. */
export function listTickets(
  db: Database,
  partnerId: number,
  filters: TicketFilters,
  page: Page,
): Promise<{ rows: TicketRow[]; total: number }> {
  return listSelection(db, ticketSelection(partnerId, filters), page);
}

const ticketById = compile<TicketRow, 'partnerId' | 'id'>(
  sql`SELECT ${pickedUpBook.columns} FROM ${pickedUpBook.tickets}
    WHERE id = ${sql.placeholder('id')} AND partner_id = ${sql.placeholder('partnerId')}`,
);

/** The partner's picked-up ticket, or undefined: nobody can tell another partner's from one that never was. */
export async function findTicket(
  db: Database,
  partnerId: number,
  id: string,
): Promise<TicketRow | undefined> {
  const {
    found: [row],
  } = await db.read({ found: ticketById({ partnerId, id }) });
  return row;
}
