import { and, asc, eq, getTableColumns, type SQL, sql } from 'drizzle-orm';
import { type Database, query } from '../../../../db/client.ts';
import { preparedTickets, productLines } from '../../../../db/schema.ts';
import type { Page } from '../../../../http/pagination.ts';
import { countLineIn, countLineOut } from '../day-counts.repository.ts';
import { numberOf, ofPartner } from '../ticket-columns.repository.ts';

/** A line as it is answered. */
export interface ProductLineRow {
  readonly product_id: string;
  readonly quantity: number;
}

/** Names one line; nothing is found unless the ticket is the partner's. */
export interface LineKey {
  readonly partnerId: number;
  readonly ticketId: string;
  readonly productId: string;
}

const columns = { product_id: productLines.product_id, quantity: productLines.quantity };

function lineOf({ partnerId, ticketId, productId }: LineKey): SQL {
  return and(
    eq(productLines.ticket_number, numberOf(ofPartner(partnerId, ticketId))),
    eq(productLines.product_id, productId),
  ) as SQL;
}

/** One page of the lines of the partner's ticket; undefined when there is no such ticket. */
export async function listProductLines(
  db: Database,
  partnerId: number,
  ticketId: string,
  { limit, offset }: Page,
): Promise<{ rows: ProductLineRow[]; total: number } | undefined> {
  const ticket = ofPartner(partnerId, ticketId);
  const ofTicket = eq(productLines.ticket_number, numberOf(ticket));
  const [found, rows, [counted]] = await db.batch([
    query.select({ id: preparedTickets.id }).from(preparedTickets).where(ticket),
    query
      .select(columns)
      .from(productLines)
      .where(ofTicket)
      .orderBy(asc(productLines.product_id))
      .limit(limit)
      .offset(offset),
    sql<{ total: number }>`SELECT count(*) AS total FROM product_lines WHERE ${ofTicket}`,
  ]);
  return found.length === 0 ? undefined : { rows, total: counted?.total ?? 0 };
}

/** The line, or undefined when the ticket or the line does not exist. */
export async function findProductLine(
  db: Database,
  key: LineKey,
): Promise<ProductLineRow | undefined> {
  const [[row]] = await db.batch([query.select(columns).from(productLines).where(lineOf(key))]);
  return row;
}

/**
 * Creates or replaces a line.
 *
 * @returns whether it is new; undefined when there is no such ticket.
 */
export async function putProductLine(
  db: Database,
  key: LineKey,
  quantity: number,
): Promise<'created' | 'replaced' | undefined> {
  const { ticket_number, created_at, partner_id } = getTableColumns(preparedTickets);
  const ticket = ofPartner(key.partnerId, key.ticketId);
  const [existing, , written] = await db.batch([
    query.select(columns).from(productLines).where(lineOf(key)),
    countLineIn(ticket, key.productId),
    query
      .insert(productLines)
      .select(
        query
          .select({
            ticket_number,
            product_id: sql<string>`${key.productId}`.as('product_id'),
            partner_id,
            created_at,
            quantity: sql<number>`cast(${quantity} as integer)`.as('quantity'),
          })
          .from(preparedTickets)
          .where(ticket),
      )
      .onConflictDoUpdate({
        target: [productLines.ticket_number, productLines.product_id],
        set: { quantity: sql`excluded.quantity` },
      })
      .returning(columns),
  ]);
  if (written.length === 0) {
    return undefined;
  }
  return existing.length === 0 ? 'created' : 'replaced';
}

/** Deletes the line; false when the ticket or the line does not exist. */
export async function deleteProductLine(db: Database, key: LineKey): Promise<boolean> {
  const [, deleted] = await db.batch([
    countLineOut(lineOf(key)),
    query
      .delete(productLines)
      .where(lineOf(key))
      .returning({ product_id: productLines.product_id }),
  ]);
  return deleted.length > 0;
}
