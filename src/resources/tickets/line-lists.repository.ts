import type { Database } from '../../db/client.ts';
import { ownedSql } from '../../db/owned.ts';
import type { PartnerId } from '../../db/partner-id.ts';
import type { Page } from '../../http/requests/pagination.ts';
import type { Book } from './books.repository.ts';

/** A page of product lines, and how many lines the ticket has. */
export interface LineList {
  readonly rows: readonly { readonly product_id: string; readonly quantity: number }[];
  readonly total: number;
}

/** Returns one page of the lines of the partner's ticket, or undefined if the book has no such ticket. */
export async function listLines(
  db: Database,
  { tickets, lines }: Book,
  { partnerId, ticketId }: { readonly partnerId: PartnerId; readonly ticketId: string },
  { limit, offset }: Page,
): Promise<LineList | undefined> {
  const ofTicket = ownedSql`FROM ${tickets} WHERE id = ${ticketId} AND partner_id = ${partnerId}`;
  const ofLines = ownedSql`FROM ${lines}
    WHERE partner_id = ${partnerId} AND ticket_number = (SELECT ticket_number ${ofTicket})`;
  const {
    found,
    rows,
    counted: [counted],
  } = await db.read({
    found: ownedSql<{ id: string }>`SELECT id ${ofTicket}`,
    rows: ownedSql<LineList['rows'][number]>`SELECT product_id, quantity ${ofLines}
      ORDER BY product_id LIMIT ${limit} OFFSET ${offset}`,
    counted: ownedSql<{ total: number }>`SELECT count(*) AS total ${ofLines}`,
  });
  return found.length === 0 ? undefined : { rows, total: counted?.total ?? 0 };
}
