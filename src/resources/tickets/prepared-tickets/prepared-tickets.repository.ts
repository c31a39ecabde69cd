import { and, count, desc, eq, exists, gt, isNull, lt, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { preparedTickets, productLines } from '../../../db/schema.ts';
import type { Page } from '../../../http/pagination.ts';

/** A ticket as it is stored; `created_at` in milliseconds since 1970, UTC. */
export type PreparedTicketRow = Omit<typeof preparedTickets.$inferSelect, 'partner_id'>;

/** What a caller chooses of a ticket. */
export type PreparedTicketValues = Omit<
  PreparedTicketRow,
  'id' | 'created_at' | 'ticket_number' | 'customer_id'
>;

/** Bounds in milliseconds, both exclusive; `vin` null means tickets without one. */
export interface PreparedTicketFilters {
  readonly created_after?: number;
  readonly created_before?: number;
  readonly customer_id?: string;
  readonly preparer_external_reference?: string;
  readonly product_id?: string;
  readonly ticket_number?: number;
  readonly vin?: string | null;
}

const { partner_id: _partner, ...columns } = {
  ticket_number: preparedTickets.ticket_number,
  id: preparedTickets.id,
  partner_id: preparedTickets.partner_id,
  created_at: preparedTickets.created_at,
  customer_id: preparedTickets.customer_id,
  vehicle_model_id: preparedTickets.vehicle_model_id,
  vin: preparedTickets.vin,
  voucher_code: preparedTickets.voucher_code,
  preparer_external_reference: preparedTickets.preparer_external_reference,
};

function ofPartner(partnerId: number, id: string) {
  return and(eq(preparedTickets.id, id), eq(preparedTickets.partner_id, partnerId));
}

function matching(db: Database, partnerId: number, filters: PreparedTicketFilters) {
  const conditions: (SQL | undefined)[] = [eq(preparedTickets.partner_id, partnerId)];
  const { created_after, created_before, customer_id, product_id, ticket_number, vin } = filters;
  const { preparer_external_reference } = filters;
  if (created_after !== undefined) {
    conditions.push(gt(preparedTickets.created_at, created_after));
  }
  if (created_before !== undefined) {
    conditions.push(lt(preparedTickets.created_at, created_before));
  }
  if (customer_id !== undefined) {
    conditions.push(eq(preparedTickets.customer_id, customer_id));
  }
  if (preparer_external_reference !== undefined) {
    conditions.push(eq(preparedTickets.preparer_external_reference, preparer_external_reference));
  }
  if (ticket_number !== undefined) {
    conditions.push(eq(preparedTickets.ticket_number, ticket_number));
  }
  if (vin !== undefined) {
    conditions.push(vin === null ? isNull(preparedTickets.vin) : eq(preparedTickets.vin, vin));
  }
  if (product_id !== undefined) {
    const line = db.query
      .select({ found: sql`1` })
      .from(productLines)
      .where(
        and(
          eq(productLines.ticket_number, preparedTickets.ticket_number),
          eq(productLines.product_id, product_id),
        ),
      );
    conditions.push(exists(line));
  }
  return and(...conditions);
}

/** One page of the partner's tickets that match all filters, newest first, and how many match. */
export async function listPreparedTickets(
  db: Database,
  partnerId: number,
  filters: PreparedTicketFilters,
  { limit, offset }: Page,
): Promise<{ rows: PreparedTicketRow[]; total: number }> {
  const condition = matching(db, partnerId, filters);
  const [rows, [counted]] = await db.batch([
    db.query
      .select(columns)
      .from(preparedTickets)
      .where(condition)
      .orderBy(desc(preparedTickets.created_at), desc(preparedTickets.ticket_number))
      .limit(limit)
      .offset(offset),
    db.query.select({ total: count() }).from(preparedTickets).where(condition),
  ]);
  return { rows, total: counted?.total ?? 0 };
}

/** The partner's ticket, or undefined: nobody can tell another partner's from one that never was. */
export async function findPreparedTicket(
  db: Database,
  partnerId: number,
  id: string,
): Promise<PreparedTicketRow | undefined> {
  const [[row]] = await db.batch([
    db.query.select(columns).from(preparedTickets).where(ofPartner(partnerId, id)),
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
    db.query
      .insert(preparedTickets)
      .values({ ...ticket, partner_id: partnerId })
      .returning(columns),
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
  const [[row], [existing]] = await db.batch([
    db.query
      .update(preparedTickets)
      .set(values)
      .where(
        and(
          ofPartner(partnerId, id),
          customerId === undefined ? undefined : eq(preparedTickets.customer_id, customerId),
        ),
      )
      .returning(columns),
    db.query
      .select({ id: preparedTickets.id })
      .from(preparedTickets)
      .where(ofPartner(partnerId, id)),
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
  const ticket = db.query
    .select({ ticket_number: preparedTickets.ticket_number })
    .from(preparedTickets)
    .where(ofPartner(partnerId, id));
  const [, deleted] = await db.batch([
    db.query.delete(productLines).where(eq(productLines.ticket_number, sql`(${ticket})`)),
    db.query
      .delete(preparedTickets)
      .where(ofPartner(partnerId, id))
      .returning({ id: preparedTickets.id }),
  ]);
  return deleted.length > 0;
}
