import { and, asc, eq, getTableColumns, type SQL, sql } from 'drizzle-orm';
import { type Database, query, requireCertain } from '../../../../db/client.ts';
import { preparedTickets, productLines } from '../../../../db/schema.ts';
import { hasVersion, type Versions } from '../../../../db/versions.ts';
import type { Page } from '../../../../http/pagination.ts';
import { countLineIn, countLineOut } from '../day-counts.repository.ts';
import { numberOf, ofPartner } from '../ticket-columns.repository.ts';

/** A line as it is answered. */
export interface ProductLineRow {
  readonly product_id: string;
  readonly quantity: number;
  readonly version: number;
}

/** Names one line; nothing is found unless the ticket is the partner's. */
export interface LineKey {
  readonly partnerId: number;
  readonly ticketId: string;
  readonly productId: string;
}

const { product_id, quantity, version } = getTableColumns(productLines);
const columns = { product_id, quantity, version };

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
  const [found, rows, [counted]] = await db.read([
    selectTicket(ticket),
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
  const [[row]] = await db.read([query.select(columns).from(productLines).where(lineOf(key))]);
  return row;
}

/** A line as it is now, and whether it is new. */
export type PutOutcome =
  | { readonly outcome: 'created' | 'replaced'; readonly row: ProductLineRow }
  | { readonly outcome: 'no-ticket' }
  | { readonly outcome: 'other-version' };

function selectTicket(ticket: SQL) {
  return query.select({ id: preparedTickets.id }).from(preparedTickets).where(ticket);
}

/**
 * Creates or replaces a line.
 *
 * @param now milliseconds since 1970; where the versions of a new line begin, so that a line that was
 * deleted and made anew has none that it had before.
 */
export async function putProductLine(
  db: Database,
  key: LineKey,
  quantity: number,
  now: number,
): Promise<PutOutcome> {
  const { ticket_number, created_at, partner_id } = getTableColumns(preparedTickets);
  const ticket = ofPartner(key.partnerId, key.ticketId);
  const { rows, repeated } = await db.write([
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
            version: sql<number>`cast(${now} as integer)`.as('version'),
          })
          .from(preparedTickets)
          .where(ticket),
      )
      .onConflictDoUpdate({
        target: [productLines.ticket_number, productLines.product_id],
        set: { quantity: sql`excluded.quantity`, version: sql`version + 1` },
      })
      .returning(columns),
  ]);
  const [[existing], , [row]] = rows;
  if (row === undefined) {
    return { outcome: 'no-ticket' };
  }
  if (existing === undefined || (repeated && existing.version === now)) {
    // What a repetition finds with this version is what the first run made.
    return { outcome: 'created', row };
  }
  requireCertain(repeated && existing.version > now);
  return { outcome: 'replaced', row };
}

/** Replaces a line that is there, if it has one of the versions. */
export async function replaceProductLine(
  db: Database,
  key: LineKey,
  quantity: number,
  versions: Versions,
): Promise<PutOutcome> {
  const { rows, repeated } = await db.write([
    query
      .update(productLines)
      .set({ quantity, version: sql`version + 1` })
      .where(and(lineOf(key), hasVersion(versions)))
      .returning(columns),
    selectTicket(ofPartner(key.partnerId, key.ticketId)),
  ]);
  const [[row], [ticket]] = rows;
  if (row !== undefined) {
    return { outcome: 'replaced', row };
  }
  if (ticket === undefined) {
    return { outcome: 'no-ticket' };
  }
  requireCertain(repeated);
  return { outcome: 'other-version' };
}

/** Deletes the line, if it has one of the versions. */
export async function deleteProductLine(
  db: Database,
  key: LineKey,
  versions: Versions | undefined,
): Promise<'done' | 'not-found' | 'other-version'> {
  const condition = and(lineOf(key), hasVersion(versions)) as SQL;
  const { rows, repeated } = await db.write([
    countLineOut(condition),
    query.delete(productLines).where(condition).returning({ product_id: productLines.product_id }),
    query.select(columns).from(productLines).where(lineOf(key)),
  ]);
  const [, deleted, present] = rows;
  if (deleted.length > 0) {
    return 'done';
  }
  requireCertain(repeated);
  return present.length > 0 ? 'other-version' : 'not-found';
}
