import { and, eq, getTableColumns, type SQL, sql } from 'drizzle-orm';
import { type Database, requireCertain } from '../../../../db/client.ts';
import { type Change, HAS_WRITTEN, isUnrecorded, recordEvent } from '../../../../db/events.ts';
import { preparedTickets, productLines } from '../../../../db/schema.ts';
import { query } from '../../../../db/statements.ts';
import { meets, type Preconditions } from '../../../../db/versions.ts';
import { writeOnce } from '../../../../db/write-once.ts';
import type { Page } from '../../../../http/requests/pagination.ts';
import { preparedBook } from '../../books.repository.ts';
import { type LineList, listLines } from '../../line-lists.repository.ts';
import { hasLine, numberOf, ofPartner } from '../ticket-columns.repository.ts';
import { countLineIn, countLineOut } from '../ticket-counts.repository.ts';
import { MAX_LINES } from './new-product-lines.ts';

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

/** A change of one line, and what it is subject to. */
export interface LineChange {
  readonly change: Change;
  readonly ticketId: string;
  readonly productId: string;
  /** What the present state must be like. */
  readonly preconditions: Preconditions;
}

const keyOf = ({ change, ticketId, productId }: LineChange): LineKey => ({
  partnerId: change.partnerId,
  ticketId,
  productId,
});

/** Returns the statement that records a change of the one line that matches `condition`. */
function recordLineEvent(
  { change, ticketId, productId }: LineChange,
  type: 'product_line.put' | 'product_line.deleted',
  condition: SQL,
) {
  return recordEvent(type === 'product_line.put' ? 'after' : 'before', change, type, {
    id: sql`${productId}`,
    preparedTicketId: sql`${ticketId}`,
    ticketNumber: sql`ticket_number`,
    version: sql`version`,
    table: sql`product_lines`,
    condition,
  });
}

/** One page of the lines of the partner's prepared ticket; undefined when there is no such ticket. */
export function listProductLines(
  db: Database,
  partnerId: number,
  ticketId: string,
  page: Page,
): Promise<LineList | undefined> {
  return listLines(db, preparedBook, { partnerId, ticketId }, page);
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
  | { readonly outcome: 'too-many-lines' }
  | { readonly outcome: 'other-version' };

/** Returns the condition that a row of `prepared_tickets` has room for one more line. It reads each line. */
const hasRoom = sql`(SELECT count(*) FROM product_lines
  WHERE ticket_number = prepared_tickets.ticket_number) < ${MAX_LINES}`;

/** What a ticket has of a line: null for both when it does not have the line. */
interface PresentLine {
  readonly quantity: number | null;
  readonly version: number | null;
  /** Whether the ticket has as many lines as it may; null if that was not looked up. */
  readonly is_full: 0 | 1 | null;
}

/**
 * The partner's ticket, with what it has of the line.
 *
 * @param looksForRoom whether to count the lines of a ticket that does not have this one.
 */
function ticketWithLine({ partnerId, ticketId, productId }: LineKey, looksForRoom: boolean) {
  const isFull = looksForRoom
    ? sql`iif(l.version IS NULL, (SELECT count(*) FROM product_lines AS o
        WHERE o.ticket_number = t.ticket_number) >= ${MAX_LINES}, 0)`
    : sql`NULL`;
  return sql<PresentLine>`SELECT l.quantity, l.version, ${isFull} AS is_full
    FROM prepared_tickets AS t LEFT JOIN product_lines AS l
      ON l.ticket_number = t.ticket_number AND l.product_id = ${productId}
    WHERE t.id = ${ticketId} AND t.partner_id = ${partnerId}`;
}

/**
 * Creates or replaces a line, if the present state meets the preconditions, and if the ticket has room for a
 * new one. The versions of a new line
 * begin with the time of the change, so that a line that was deleted and made anew has none that it had
 * before.
 */
export async function putProductLine(
  db: Database,
  line: LineChange,
  quantity: number,
): Promise<PutOutcome> {
  const { change, preconditions } = line;
  const { now } = change;
  const key = keyOf(line);
  const { ticket_number, created_at, partner_id } = getTableColumns(preparedTickets);
  const ticket = ofPartner(key.partnerId, key.ticketId);
  // If-Match fails for a line that is not there, so none is created (RFC 9110 §13.1.1).
  const mayCreate = preconditions.ifMatch === undefined;
  const writable = mayCreate ? ticket : sql`${ticket} AND ${hasLine(key.productId)}`;
  const isThere = hasLine(key.productId);
  // A line that was just counted has room, so the other lines are not read a second time.
  const fits = sql`(${isThere} OR ${HAS_WRITTEN} OR ${hasRoom})`;
  const statements = (when: SQL) => ({
    present: ticketWithLine(key, !mayCreate),
    count: countLineIn(
      key.partnerId,
      sql`${when} AND NOT ${isThere} AND ${hasRoom}`,
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
          .where(mayCreate ? sql`${when} AND ${fits}` : when),
      )
      .onConflictDoUpdate({
        target: [productLines.ticket_number, productLines.product_id],
        set: { quantity: sql`excluded.quantity`, version: sql`version + 1` },
        setWhere: meets(preconditions),
      })
      .returning(columns),
    record: recordLineEvent(line, 'product_line.put', lineOf(key)),
  });
  const { rows, repeated } = await db.write(statements(writable), () =>
    statements(sql`${writable} AND ${isUnrecorded(change)}`),
  );
  const [present] = rows.present;
  const [row] = rows.put;
  if (present === undefined) {
    return { outcome: 'no-ticket' };
  }
  const { version: before } = present;
  if (row !== undefined) {
    return { outcome: before === null ? 'created' : 'replaced', row };
  }
  // A repetition writes nothing if its first run did: then the line has the quantity of the request.
  if (repeated && before !== null && present.quantity === quantity) {
    const made = { product_id: key.productId, quantity, version: before };
    return { outcome: before === now ? 'created' : 'replaced', row: made };
  }
  requireCertain(repeated);
  // Without If-Match, nothing but a lack of room stops a new line. With it, the lack precedes the 412.
  const isTooMany = before === null && (mayCreate || present.is_full === 1);
  return { outcome: isTooMany ? 'too-many-lines' : 'other-version' };
}

/** Deletes the line, if the present state meets the preconditions. */
export async function deleteProductLine(
  db: Database,
  line: LineChange,
): Promise<'done' | 'not-found' | 'other-version'> {
  const { preconditions } = line;
  const key = keyOf(line);
  const condition = and(lineOf(key), meets(preconditions)) as SQL;
  const rows = await writeOnce(db, line.change, {
    record: recordLineEvent(line, 'product_line.deleted', condition),
    count: countLineOut(key.partnerId, key.productId, condition),
    deleted: query
      .delete(productLines)
      .where(condition)
      .returning({ product_id: productLines.product_id }),
    present: query.select(columns).from(productLines).where(lineOf(key)),
  });
  if (rows === 'recorded' || rows.deleted.length > 0) {
    return 'done';
  }
  return rows.present.length > 0 ? 'other-version' : 'not-found';
}
