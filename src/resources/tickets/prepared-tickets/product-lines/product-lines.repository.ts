import { and, asc, eq, getTableColumns, type SQL, sql } from 'drizzle-orm';
import { type Database, requireCertain } from '../../../../db/client.ts';
import { preparedTickets, productLines } from '../../../../db/schema.ts';
import { query } from '../../../../db/statements.ts';
import { meets, type Preconditions } from '../../../../db/versions.ts';
import type { Page } from '../../../../http/requests/pagination.ts';
import { hasLine, numberOf, ofPartner } from '../ticket-columns.repository.ts';
import { countLineIn, countLineOut } from '../ticket-counts.repository.ts';

/** A product line as responses contain it, with the version of its entity tag. */
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
  const {
    found,
    rows,
    counted: [counted],
  } = await db.read({
    found: selectTicket(ticket),
    rows: query
      .select(columns)
      .from(productLines)
      .where(ofTicket)
      .orderBy(asc(productLines.product_id))
      .limit(limit)
      .offset(offset),
    counted: sql<{ total: number }>`SELECT count(*) AS total FROM product_lines WHERE ${ofTicket}`,
  });
  return found.length === 0 ? undefined : { rows, total: counted?.total ?? 0 };
}

/** The line, or undefined when the ticket or the line does not exist. */
export async function findProductLine(
  db: Database,
  key: LineKey,
): Promise<ProductLineRow | undefined> {
  const {
    found: [row],
  } = await db.read({ found: query.select(columns).from(productLines).where(lineOf(key)) });
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

/** The partner's ticket, with what it has of the line: null for both when there is none. */
function ticketWithLine({ partnerId, ticketId, productId }: LineKey) {
  return sql<{ quantity: number | null; version: number | null }>`SELECT l.quantity, l.version
    FROM prepared_tickets AS t LEFT JOIN product_lines AS l
      ON l.ticket_number = t.ticket_number AND l.product_id = ${productId}
    WHERE t.id = ${ticketId} AND t.partner_id = ${partnerId}`;
}

/**
 * Creates or replaces a line, if the present state meets the preconditions.
 *
 * @param now milliseconds since 1970; where the versions of a new line begin, so that a line that was
 * deleted and made anew has none that it had before.
 */
export async function putProductLine(
  db: Database,
  key: LineKey,
  quantity: number,
  preconditions: Preconditions,
  now: number,
): Promise<PutOutcome> {
  const { ticket_number, created_at, partner_id } = getTableColumns(preparedTickets);
  const ticket = ofPartner(key.partnerId, key.ticketId);
  // If-Match fails for a line that is not there, so none is created (RFC 9110 §13.1.1).
  const mayCreate = preconditions.ifMatch === undefined;
  const writable = mayCreate ? ticket : sql`${ticket} AND ${hasLine(key.productId)}`;
  const {
    rows: {
      present: [present],
      put: [row],
    },
    repeated,
  } = await db.write({
    present: ticketWithLine(key),
    count: countLineIn(
      key.partnerId,
      sql`${writable} AND NOT ${hasLine(key.productId)}`,
      key.productId,
    ),
    put: query
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
          .where(writable),
      )
      .onConflictDoUpdate({
        target: [productLines.ticket_number, productLines.product_id],
        set: { quantity: sql`excluded.quantity`, version: sql`version + 1` },
        setWhere: meets(preconditions),
      })
      .returning(columns),
  });
  if (present === undefined) {
    return { outcome: 'no-ticket' };
  }
  const { version: before } = present;
  // What a repetition finds with this version is what the first run made.
  const isOurs = repeated && before === now && present.quantity === quantity;
  if (row === undefined && !isOurs) {
    requireCertain(repeated);
    return { outcome: 'other-version' };
  }
  if (before === null || isOurs) {
    const made = { product_id: key.productId, quantity, version: now };
    return { outcome: 'created', row: row ?? made };
  }
  requireCertain(repeated && before > now);
  return { outcome: 'replaced', row: row as ProductLineRow };
}

/** Deletes the line, if the present state meets the preconditions. */
export async function deleteProductLine(
  db: Database,
  key: LineKey,
  preconditions: Preconditions,
): Promise<'done' | 'not-found' | 'other-version'> {
  const condition = and(lineOf(key), meets(preconditions)) as SQL;
  const {
    rows: { deleted, present },
    repeated,
  } = await db.write({
    count: countLineOut(key.partnerId, key.productId, condition),
    deleted: query
      .delete(productLines)
      .where(condition)
      .returning({ product_id: productLines.product_id }),
    present: query.select(columns).from(productLines).where(lineOf(key)),
  });
  if (deleted.length > 0) {
    return 'done';
  }
  requireCertain(repeated);
  return present.length > 0 ? 'other-version' : 'not-found';
}
