import type { Database } from '../../../../db/client.ts';
import type { Page } from '../../../../http/requests/pagination.ts';
import { pickedUpBook } from '../../books.repository.ts';
import { type LineList, listLines } from '../../line-lists.repository.ts';

/** One page of the lines of the partner's picked-up ticket; undefined when there is no such ticket. */
export function listTicketLines(
  db: Database,
  partnerId: number,
  ticketId: string,
  page: Page,
): Promise<LineList | undefined> {
  return listLines(db, pickedUpBook, { partnerId, ticketId }, page);
}
