import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../../db/client.ts';
import { areMet, meets, type Preconditions, ticketTag } from '../../../../db/entity-tags.ts';
import { type Change, HAS_WRITTEN, recordEvent } from '../../../../db/events.ts';
import { type Owned, ofPartner, ownedSql } from '../../../../db/owned.ts';
import type { PartnerId } from '../../../../db/partner-id.ts';
import { productLines } from '../../../../db/schema.ts';
import { query } from '../../../../db/statements.ts';
import { recordedRow, writeOnce } from '../../../../db/write-once.ts';
import { Problem } from '../../../../problems/problem.ts';
import { MAX_LINES } from '../../product-line.ts';
import { missingTicket } from '../missing-ticket.repository.ts';
import { mayAddLines } from '../quota.repository.ts';
import {
  hasLine,
  insertLines,
  isItsLine,
  isNewLine,
  linesOf,
  newLineVersion,
  numberOf,
  ticketOf,
} from '../ticket-columns.repository.ts';
import { countLineIn, countLineOut } from '../ticket-counts.repository.ts';

/** A product line as responses contain it, with what its entity tag consists of. */
export interface ProductLineRow {
  readonly product_id: string;
  readonly quantity: number;
  readonly ticket_number: number;
  readonly version: number;
}

/** Names one line; nothing is found unless the ticket is the partner's. */
export interface LineKey {
  readonly partnerId: PartnerId;
  readonly ticketId: string;
  readonly productId: string;
}

const { product_id, quantity, ticket_number, version } = getTableColumns(productLines);
const columns = { product_id, quantity, ticket_number, version };

function lineOf({ partnerId, ticketId, productId }: LineKey): Owned {
  const lines = linesOf(partnerId, numberOf(ticketOf(partnerId, ticketId)));
  return ownedSql`${lines} AND ${productLines.product_id} = ${productId}`;
}

/** A change of one line, and what it is subject to. */
export interface LineChange extends LineKey {
  readonly change: Change;
  readonly preconditions: Preconditions;
}

/** Returns the statement that records a change of the one line that matches `condition`. */
function recordLineEvent(
  { change, ticketId, productId }: LineChange,
  type: 'product_line.put' | 'product_line.deleted',
  condition: Owned,
) {
  return recordEvent(type === 'product_line.put' ? 'after' : 'before', change, type, {
    id: sql`${productId}`,
    preparedTicketId: sql`${ticketId}`,
    ticketNumber: sql`ticket_number`,
    version: sql`version`,
    reference: sql`(SELECT preparer_external_reference FROM prepared_tickets WHERE ${isItsLine})`,
    table: sql`product_lines`,
    condition,
  });
}

/**
 * Returns the statement that raises the version of the ticket, right after a statement that wrote because the line
 * changes. So two editors of different lines notice each other by the entity tag of the ticket.
 */
const raiseVersion = ({ partnerId, ticketId }: LineKey) =>
  ownedSql<never>`UPDATE prepared_tickets SET version = version + 1
    WHERE ${ticketOf(partnerId, sql`iif(${HAS_WRITTEN}, ${ticketId}, NULL)`)}`;

/** The `detail` of a 404 for a product line. */
export const noLine =
  'There is no prepared ticket with this identifier that has a line for this product.';

/** Returns the same problem for an unknown ticket, another partner's ticket, and a product that is not on the ticket. */
const missingLine = (db: Database, { partnerId, ticketId }: LineKey) =>
  missingTicket(db, partnerId, ticketId, noLine);

const lineByKey = (key: LineKey) =>
  ofPartner(query.select(columns).from(productLines), lineOf(key));

/**
 * Returns the line.
 *
 * @throws Problem `pickedUp` or `notFound` if the ticket or the line does not exist.
 */
export async function findProductLine(db: Database, key: LineKey): Promise<ProductLineRow> {
  const { found } = await db.read({ found: lineByKey(key) });
  if (found[0] === undefined) {
    throw await missingLine(db, key);
  }
  return found[0];
}

/** A line as it is now, and whether it is new. */
interface PutLine {
  readonly row: ProductLineRow;
  readonly isNew: boolean;
}

/** Returns the condition that a row of `prepared_tickets` has room for one more line. It reads each line. */
const hasRoom = sql`(SELECT count(*) FROM product_lines WHERE ${isItsLine}) < ${MAX_LINES}`;

/** The present state of a line of a ticket. */
interface PresentLine {
  readonly ticket_number: number;
  /** Null if the ticket does not have the line. */
  readonly version: number | null;
  /** Whether the ticket has as many lines as one may have; null if that was not looked up. */
  readonly is_full: 0 | 1 | null;
}

/**
 * Returns the statement that selects the partner's ticket, with what it has of the line.
 *
 * @param looksForRoom the condition under which to count the lines of a ticket that does not have this one.
 */
function ticketWithLine({ partnerId, ticketId, productId }: LineKey, looksForRoom: SQL) {
  const isFull = sql`CASE WHEN ${looksForRoom} THEN iif(l.version IS NULL,
    (SELECT count(*) FROM product_lines AS o
      WHERE o.partner_id = t.partner_id AND o.ticket_number = t.ticket_number) >= ${MAX_LINES}, 0) END`;
  return ownedSql<PresentLine>`SELECT t.ticket_number, l.version, ${isFull} AS is_full
    FROM prepared_tickets AS t LEFT JOIN product_lines AS l
      ON l.partner_id = t.partner_id AND l.ticket_number = t.ticket_number AND l.product_id = ${productId}
    WHERE t.id = ${ticketId} AND t.partner_id = ${partnerId}`;
}

/**
 * Creates or replaces a line, if the present state meets the preconditions, and if the ticket and the quota have room
 * for a new one. A line that has the quantity already is left alone.
 *
 * @throws Problem `pickedUp` or `notFound` if there is no such ticket, `tooManyProductLines`,
 * `productLineQuotaExceeded` and `preconditionFailed`.
 */
export async function putProductLine(
  db: Database,
  line: LineChange,
  quantity: number,
): Promise<PutLine> {
  const { change, partnerId, ticketId, productId, preconditions } = line;
  const ticket = ticketOf(partnerId, ticketId);
  const isThere = hasLine(productId);
  // If-Match fails for a line that does not exist, so none is created (RFC 9110 §13.1.1).
  const mayCreate = preconditions.ifMatch === undefined;
  const writable = mayCreate ? ticket : ownedSql`${ticket} AND ${isThere}`;
  const mayAdd = mayAddLines(partnerId);
  const canAdd = sql`${mayAdd} AND ${hasRoom}`;
  // A line that was just counted has room, so the other lines are not read a second time.
  const fits = sql`(${isThere} OR ${HAS_WRITTEN} OR (${canAdd}))`;
  const rows = await writeOnce(db, change, {
    // Read before anything is written, because it tells whether the line is new.
    present: ticketWithLine(line, mayCreate ? sql`NOT ${mayAdd}` : sql`true`),
    count: countLineIn(
      partnerId,
      ownedSql`${writable} AND NOT ${isThere} AND ${canAdd}`,
      productId,
    ),
    put: ownedSql<ProductLineRow>`${insertLines(
      ownedSql`SELECT ticket_number, ${productId}, partner_id, created_at, cast(${quantity} AS INTEGER),
          ${newLineVersion(sql`(version + 1)`)}
        FROM prepared_tickets WHERE ${mayCreate ? ownedSql`${writable} AND ${fits}` : writable}`,
      meets(preconditions, ticketTag),
    )} RETURNING product_id, quantity, ticket_number, version`,
    record: recordLineEvent(line, 'product_line.put', lineOf(line)),
    raise: raiseVersion(line),
  });
  if (rows === 'recorded') {
    const row = await recordedRow(db, change, lineByKey(line));
    return { row, isNew: isNewLine(row) };
  }
  const [present] = rows.present;
  const [row] = rows.put;
  if (present === undefined) {
    throw await missingTicket(db, partnerId, ticketId);
  }
  const isNew = present.version === null;
  if (row !== undefined) {
    return { row, isNew };
  }
  if (present.version !== null) {
    const { ticket_number, version } = present;
    const unchanged = { product_id: productId, quantity, ticket_number, version };
    if (areMet(preconditions, ticketTag.of(unchanged))) {
      // Nothing else keeps the statement from replacing a line that meets the preconditions.
      return { row: unchanged, isNew };
    }
  }
  // With If-Match, the lack of room on a ticket precedes the 412.
  if (!isNew || (!mayCreate && present.is_full === 0)) {
    throw new Problem('preconditionFailed');
  }
  // Room was looked for only if the quota is reached or If-Match forbids a new line.
  throw new Problem(present.is_full === 0 ? 'productLineQuotaExceeded' : 'tooManyProductLines');
}

/**
 * Deletes the line, if the present state meets the preconditions.
 *
 * @throws Problem `pickedUp` or `notFound` if there is no such line, and `preconditionFailed`.
 */
export async function deleteProductLine(db: Database, line: LineChange): Promise<void> {
  const condition = ownedSql`${lineOf(line)} AND ${meets(line.preconditions, ticketTag)}`;
  const rows = await writeOnce(db, line.change, {
    record: recordLineEvent(line, 'product_line.deleted', condition),
    count: countLineOut(line.partnerId, line.productId, condition),
    deleted: ofPartner(
      query.delete(productLines).returning({ product_id: productLines.product_id }),
      condition,
    ),
    raise: raiseVersion(line),
    present: lineByKey(line),
  });
  if (rows !== 'recorded' && rows.deleted.length === 0) {
    throw rows.present.length > 0 ? new Problem('preconditionFailed') : await missingLine(db, line);
  }
}
