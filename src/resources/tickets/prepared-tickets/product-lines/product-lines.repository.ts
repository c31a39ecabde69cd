import { and, asc, count, eq, getTableColumns, sql } from 'drizzle-orm';
import type { Database } from '../../../../db/client.ts';
import { preparedTickets, productLines } from '../../../../db/schema.ts';
import type { Page } from '../../../../http/pagination.ts';

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

function ofPartner(partnerId: number, ticketId: string) {
  return and(eq(preparedTickets.id, ticketId), eq(preparedTickets.partner_id, partnerId));
}

function ticketOf(db: Database, partnerId: number, ticketId: string) {
  return db.query
    .select({ ticket_number: preparedTickets.ticket_number })
    .from(preparedTickets)
    .where(ofPartner(partnerId, ticketId));
}

function lineOf(db: Database, { partnerId, ticketId, productId }: LineKey) {
  return and(
    eq(productLines.ticket_number, sql`(${ticketOf(db, partnerId, ticketId)})`),
    eq(productLines.product_id, productId),
  );
}

/** One page of the lines of the partner's ticket; undefined when there is no such ticket. */
export async function listProductLines(
  db: Database,
  partnerId: number,
  ticketId: string,
  { limit, offset }: Page,
): Promise<{ rows: ProductLineRow[]; total: number } | undefined> {
  const ticket = ticketOf(db, partnerId, ticketId);
  const ofTicket = eq(productLines.ticket_number, sql`(${ticket})`);
  const [found, rows, [counted]] = await db.batch([
    ticket,
    db.query
      .select(columns)
      .from(productLines)
      .where(ofTicket)
      .orderBy(asc(productLines.product_id))
      .limit(limit)
      .offset(offset),
    db.query.select({ total: count() }).from(productLines).where(ofTicket),
  ]);
  return found.length === 0 ? undefined : { rows, total: counted?.total ?? 0 };
}

/** The line, or undefined when the ticket or the line does not exist. */
export async function findProductLine(
  db: Database,
  key: LineKey,
): Promise<ProductLineRow | undefined> {
  const [[row]] = await db.batch([
    db.query.select(columns).from(productLines).where(lineOf(db, key)),
  ]);
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
  const [existing, written] = await db.batch([
    db.query.select(columns).from(productLines).where(lineOf(db, key)),
    db.query
      .insert(productLines)
      .select(
        db.query
          .select({
            ticket_number,
            product_id: sql<string>`${key.productId}`.as('product_id'),
            partner_id,
            created_at,
            quantity: sql<number>`cast(${quantity} as integer)`.as('quantity'),
          })
          .from(preparedTickets)
          .where(ofPartner(key.partnerId, key.ticketId)),
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
  const [deleted] = await db.batch([
    db.query
      .delete(productLines)
      .where(lineOf(db, key))
      .returning({ product_id: productLines.product_id }),
  ]);
  return deleted.length > 0;
}
