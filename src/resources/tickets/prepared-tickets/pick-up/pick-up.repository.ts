import { z } from '@hono/zod-openapi';
import { sql } from 'drizzle-orm';
import { type Database, requireCertain } from '../../../../db/client.ts';
import { meets, ticketTag } from '../../../../db/entity-tags.ts';
import { HAS_WRITTEN } from '../../../../db/events.ts';
import { ownedSql } from '../../../../db/owned.ts';
import { MAX_OPEN_ITEMS } from '../../../../open-string.ts';
import { Problem } from '../../../../problems/problem.ts';
import { problemWith } from '../../../../problems/schemas.ts';
import { pickedUpBook } from '../../books.repository.ts';
import {
  addToCounts,
  facetsOfBook,
  newestPlace,
  reservedTime,
  reserveTickets,
} from '../../buckets.repository.ts';
import type { TicketRow } from '../../tickets/tickets.repository.ts';
import { noTicket } from '../prepared-ticket.ts';
import type { TicketChange } from '../prepared-tickets.repository.ts';
import {
  isReady,
  type Lacking,
  lackingColumns,
  missingIn,
  missingPart,
  missingParts,
} from '../readiness/readiness.repository.ts';
import { linesOf, numberOf, ticketOf } from '../ticket-columns.repository.ts';
import { countPickUp } from '../ticket-counts.repository.ts';
import { recordPickUp } from '../ticket-events.repository.ts';

/** A pick-up of a prepared ticket by a customer. */
interface PickUp extends TicketChange {
  readonly customerId: string;
  /** How many tickets fill a part of a bucket of counts. */
  readonly ticketsPerPart?: number | undefined;
}

/** A prepared ticket that was not picked up: what decides whether it can be. */
interface PresentRow extends Lacking {
  readonly customer_id: string;
}

/** A ticket that was picked up, and whether this request picked it up. */
interface PickedUp {
  readonly row: TicketRow;
  readonly isNew: boolean;
}

const notReady = problemWith(
  'notReady',
  {
    missing: z.array(missingPart).openapi({
      description:
        'For the type /problems/not-ready: what the prepared ticket lacks to be picked up.',
      minItems: 1,
      maxItems: MAX_OPEN_ITEMS,
    }),
  },
  { missing: [...missingParts] },
);

/** The columns that a ticket has before and after it is picked up. The version starts again at 1. */
const keptColumns = sql.raw(
  'ticket_number, id, partner_id, created_at, customer_id, vehicle_model_id, vin, voucher_code, preparer_external_reference',
);

/**
 * Returns the statements that move a prepared ticket with its lines and its counts.
 *
 * Only the first one evaluates the condition of the pick-up. Each statement after it writes a row if the one
 * before it did: SQLite tells by `changes()`, which costs no row. So these statements must stay next to each other,
 * in this order.
 */
function moveStatements({ change, id, preconditions, customerId, ticketsPerPart }: PickUp) {
  const { partnerId, now } = change;
  const ticket = ticketOf(partnerId, id);
  const condition = sql`EXISTS (SELECT 1 FROM prepared_tickets
    WHERE ${ticket} AND customer_id = ${customerId} AND ${isReady} AND ${meets(preconditions, ticketTag)})`;
  const moved = ticketOf(partnerId, sql`iif(${HAS_WRITTEN}, ${id}, NULL)`);
  const lines = linesOf(partnerId, numberOf(moved));
  return {
    reserve: reserveTickets(pickedUpBook, { partnerId, now, ticketsPerPart }, 1, condition),
    countIn: addToCounts(
      pickedUpBook,
      partnerId,
      newestPlace(pickedUpBook, partnerId),
      sql`SELECT ${facetsOfBook.customer(customerId)} AS facet, 1 AS tickets WHERE ${HAS_WRITTEN}`,
    ),
    insert: ownedSql<never>`INSERT INTO tickets (${keptColumns}, picked_up_at)
      SELECT ${keptColumns}, ${reservedTime(pickedUpBook, partnerId)} FROM prepared_tickets
      WHERE ${HAS_WRITTEN} AND ${ticket}`,
    record: recordPickUp(change, moved),
    countOut: countPickUp(partnerId, customerId, moved),
    insertLines: ownedSql<never>`INSERT INTO ticket_lines (partner_id, ticket_number, product_id, quantity)
      SELECT partner_id, ticket_number, product_id, quantity FROM product_lines WHERE ${lines}`,
    deleteLines: ownedSql<never>`DELETE FROM product_lines WHERE ${lines}`,
    removed: ownedSql<{ id: string }>`DELETE FROM prepared_tickets WHERE ${moved} RETURNING id`,
  };
}

/**
 * Picks up the prepared ticket of a customer, if it is ready and meets the preconditions.
 *
 * @returns the ticket that it became, also if the customer picked it up before.
 * @throws Problem `notFound` if the customer has no such ticket, `notReady` and `preconditionFailed`.
 * @throws DatabaseUnavailable if an earlier attempt of the same write may have picked it up.
 */
export async function pickUp(db: Database, request: PickUp): Promise<PickedUp> {
  const { change, id, customerId } = request;
  const ticket = ticketOf(change.partnerId, id);
  const { rows, repeated } = await db.write({
    ...moveStatements(request),
    // Read after the pick-up, so that it reads a row only if there was none.
    present: ownedSql<PresentRow>`SELECT customer_id, ${lackingColumns} FROM prepared_tickets
      WHERE ${ticket}`,
    ticket: ownedSql<TicketRow>`SELECT ${pickedUpBook.columns} FROM tickets
      WHERE id = ${id} AND partner_id = ${change.partnerId} AND customer_id = ${customerId}`,
  });
  const [present] = rows.present;
  const [row] = rows.ticket;
  if (row !== undefined) {
    // An earlier attempt of this write picked the ticket up if that was not before the request.
    const isNew = rows.removed.length > 0 || (repeated && row.picked_up_at >= change.now);
    return { row, isNew };
  }
  if (present === undefined || present.customer_id !== customerId) {
    throw new Problem('notFound', { detail: noTicket });
  }
  const missing = missingIn(present);
  if (missing.length > 0) {
    throw notReady({ missing });
  }
  requireCertain(repeated);
  throw new Problem('preconditionFailed');
}
