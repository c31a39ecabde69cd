import { eq, type SQL, sql } from 'drizzle-orm';
import { type Database, requireCertain } from '../../../db/client.ts';
import { areMet, meets, type Preconditions, ticketTag } from '../../../db/entity-tags.ts';
import type { Change } from '../../../db/events.ts';
import {
  type IdempotencyKey,
  isUnused,
  keepKey,
  keptKey,
  resultOf,
} from '../../../db/idempotency.ts';
import {
  type Owned,
  ofPartner,
  ownedJoin,
  ownedSql,
  partnerPlaceholder,
} from '../../../db/owned.ts';
import type { PartnerId } from '../../../db/partner-id.ts';
import { preparedTickets, productLines } from '../../../db/schema.ts';
import { compile, query } from '../../../db/statements.ts';
import { updateOnce, writeOnce } from '../../../db/write-once.ts';
import type { Page } from '../../../http/requests/pagination.ts';
import { Problem } from '../../../problems/problem.ts';
import { preparedBook } from '../books.repository.ts';
import { reservedTime, reserveTickets } from '../buckets.repository.ts';
import { listSelection } from '../lists.repository.ts';
import { preparedSelection } from './filters.repository.ts';
import type { PreparedTicketFilters } from './filters.ts';
import { missingTicket } from './missing-ticket.repository.ts';
import { otherCustomer } from './prepared-ticket.ts';
import { mayCreate } from './quota.repository.ts';
import {
  differsFrom,
  linesOf,
  numberOf,
  type PreparedTicketRow,
  type PreparedTicketValues,
  ticketColumnList,
  ticketColumns,
  ticketOf,
} from './ticket-columns.repository.ts';
import { countTicketIn, countTicketOut, countVinChange } from './ticket-counts.repository.ts';
import { recordCreation, recordDeletion, recordUpdate } from './ticket-events.repository.ts';
import { newestNumber, takeNumbers } from './ticket-numbers.repository.ts';

/** Returns one page of the partner's tickets that match all filters, newest first, and how many match. */
export function listPreparedTickets(
  db: Database,
  partnerId: PartnerId,
  filters: PreparedTicketFilters,
  page: Page,
): Promise<{ rows: PreparedTicketRow[]; total: number }> {
  return listSelection(db, preparedSelection(partnerId, filters), page);
}

/** Returns the partner's ticket, or undefined if the id is unknown or another partner's. */
export async function findPreparedTicket(
  db: Database,
  partnerId: PartnerId,
  id: string,
): Promise<PreparedTicketRow | undefined> {
  const {
    found: [row],
  } = await db.read({ found: ticketById({ partnerId, id }) });
  return row;
}

const ticketById = compile<PreparedTicketRow, 'partnerId' | 'id'>(
  ownedSql`SELECT ${ticketColumnList} FROM prepared_tickets
    WHERE id = ${sql.placeholder('id')} AND partner_id = ${partnerPlaceholder}`,
);

/** Returns the statement that selects the one ticket that matches `condition`. */
export function selectTicket(condition: Owned) {
  return ofPartner(query.select(ticketColumns).from(preparedTickets), condition);
}

/** The columns of a new ticket, except those that the database decides: the number and `created_at`. */
export type NewPreparedTicketRow = Omit<
  PreparedTicketRow,
  'ticket_number' | 'created_at' | 'version'
>;

/** A change that creates a ticket. */
export interface Creation extends Change {
  /** How many tickets fill a part of a bucket (see buckets.repository.ts). */
  readonly ticketsPerPart?: number | undefined;
}

/**
 * Inserts a ticket under a condition, at the reserved time and with the number that was taken for it.
 *
 * @param ticket its version is 1 unless it says otherwise.
 */
export function insertTicket(
  partnerId: PartnerId,
  ticket: NewPreparedTicketRow & { readonly version?: number },
  condition: SQL,
) {
  const names = Object.keys(ticket).map((name) => sql.identifier(name));
  const values = Object.values(ticket).map((value) => sql`${value}`);
  return ownedSql<never>`INSERT INTO prepared_tickets
      (${sql.join(names, sql`, `)}, partner_id, ticket_number, created_at)
    SELECT ${sql.join(values, sql`, `)}, ${partnerId}, ${newestNumber(partnerId)},
      ${reservedTime(preparedBook, partnerId)}
    WHERE ${condition}`;
}

/** The values of tickets that are inserted together, as expressions on a row of `from`. */
interface InsertedTickets {
  readonly number: SQL;
  readonly time: SQL;
  /** A FROM clause whose rows have the other columns as a JSON object `value`, in the order of the tickets. */
  readonly from: SQL;
}

/** Returns the statement that inserts tickets, whose version is 1. */
export const insertTickets = (partnerId: PartnerId, { number, time, from }: InsertedTickets) =>
  ownedSql<never>`INSERT INTO prepared_tickets (id, partner_id, ticket_number, created_at, customer_id,
      vehicle_model_id, vin, voucher_code, preparer_external_reference)
    SELECT value ->> 'id', ${partnerId}, ${number}, ${time}, value ->> 'customer_id',
      value ->> 'vehicle_model_id', value ->> 'vin', value ->> 'voucher_code',
      value ->> 'preparer_external_reference'
    FROM ${from}`;

/**
 * Returns the statements that write a new ticket, its counts and its event, while the condition holds and the
 * partner has not reached its quota.
 */
function creationStatements(ticket: NewPreparedTicketRow, creation: Creation, isNew: SQL) {
  const { partnerId } = creation;
  const condition = ownedSql`${isNew} AND ${mayCreate(partnerId)}`;
  return {
    reserve: reserveTickets(preparedBook, creation, 1, condition),
    takeNumber: takeNumbers(partnerId, 1),
    count: countTicketIn(partnerId, ticket, condition),
    insert: insertTicket(partnerId, ticket, condition),
    record: recordCreation(creation, ticket),
  };
}

/** A ticket as it was first returned, and whether an earlier request with the same key created it. */
interface Created {
  readonly row: PreparedTicketRow;
  readonly isReplay: boolean;
}

/**
 * Creates a ticket, whose id is new.
 *
 * @param once the idempotency key of the request. A creation that the quota refuses does not use it up.
 * @returns the ticket; if the key was used, as it was first returned, even if it was changed or deleted since.
 * @throws Problem `ticketQuotaExceeded` or `idempotencyKeyReused`.
 * @throws DatabaseUnavailable if an earlier attempt of this write created the ticket without a key, and it was
 * picked up or deleted since.
 */
export function createPreparedTicket(
  db: Database,
  ticket: NewPreparedTicketRow,
  creation: Creation,
  once: IdempotencyKey | undefined,
): Promise<Created> {
  return once === undefined
    ? insertPreparedTicket(db, ticket, creation)
    : insertPreparedTicketOnce(db, ticket, creation, once);
}

async function insertPreparedTicket(
  db: Database,
  ticket: NewPreparedTicketRow,
  creation: Creation,
): Promise<Created> {
  const present = selectTicket(ticketOf(creation.partnerId, ticket.id));
  const statements = { ...creationStatements(ticket, creation, sql`true`), present };
  const rows = await writeOnce(db, creation, statements);
  const [row] = (rows === 'recorded' ? await db.readPrimary({ present }) : rows).present;
  if (row === undefined) {
    requireCertain(rows === 'recorded');
    // Only the quota keeps these statements from inserting the ticket.
    throw new Problem('ticketQuotaExceeded');
  }
  // Another request can have changed the ticket since an earlier attempt created it.
  return { row: { ...row, ...ticket, version: 1 }, isReplay: false };
}

/** What an idempotency key keeps of the ticket that it created; times in milliseconds since 1970. */
type CreatedTicket = Pick<PreparedTicketRow, 'id' | 'ticket_number' | 'created_at'>;

async function insertPreparedTicketOnce(
  db: Database,
  ticket: NewPreparedTicketRow,
  creation: Creation,
  once: IdempotencyKey,
): Promise<Created> {
  const { partnerId, now } = creation;
  const use = { ...once, space: 'tickets' as const, partnerId, now };
  const created = sql`SELECT json_object('id', id, 'ticket_number', ticket_number,
      'created_at', created_at) AS result
    FROM prepared_tickets WHERE ${ticketOf(partnerId, ticket.id)}`;
  const { rows } = await db.write({
    ...creationStatements(ticket, creation, isUnused(use)),
    keepKey: keepKey(use, created),
    kept: keptKey<CreatedTicket>(use),
  });
  const [kept] = rows.kept;
  if (kept === undefined) {
    throw new Problem('ticketQuotaExceeded');
  }
  if (kept.fingerprint !== once.fingerprint) {
    throw new Problem('idempotencyKeyReused');
  }
  const first = resultOf(kept);
  // The id is the same if an earlier attempt of this write inserted the ticket.
  return { row: { ...ticket, ...first, version: 1 }, isReplay: first.id !== ticket.id };
}

/** A change of one ticket, and what it is subject to. */
export interface TicketChange {
  readonly change: Change;
  readonly id: string;
  readonly preconditions: Preconditions;
}

/**
 * Replaces the values of the partner's ticket. A ticket that has them already is left alone.
 *
 * @param customerId the customer of the ticket, if the request names one.
 * @returns the ticket with the values.
 * @throws Problem `pickedUp` or `notFound` if there is no such ticket, `violations` if it has another customer, and
 * `preconditionFailed`.
 */
export async function updatePreparedTicket(
  db: Database,
  { change, id, preconditions }: TicketChange,
  values: PreparedTicketValues,
  customerId: string | undefined,
): Promise<PreparedTicketRow> {
  const { partnerId } = change;
  const ticket = ticketOf(partnerId, id);
  const ofCustomer = customerId === undefined ? [] : [eq(preparedTickets.customer_id, customerId)];
  const condition = ownedJoin(
    [ticket, ...ofCustomer, meets(preconditions, ticketTag), differsFrom(values)],
    sql` AND `,
  );
  const found = await updateOnce(db, change, {
    count: countVinChange(partnerId, condition, values.vin),
    update: ofPartner(
      query
        .update(preparedTickets)
        .set({ ...values, version: sql`version + 1` })
        .returning(ticketColumns),
      condition,
    ),
    record: recordUpdate(change, ticket),
    present: selectTicket(ticket),
  });
  if (found.changed !== undefined) {
    return found.changed;
  }
  if (found.present === undefined) {
    throw await missingTicket(db, partnerId, id);
  }
  if (customerId !== undefined && customerId !== found.present.customer_id) {
    throw otherCustomer();
  }
  if (!areMet(preconditions, ticketTag.of(found.present))) {
    throw new Problem('preconditionFailed');
  }
  return found.present;
}

/** Returns the statements that delete the one ticket that matches `condition`, with its lines and counts. */
export function deletionStatements(change: Change, condition: Owned) {
  const { partnerId } = change;
  return {
    record: recordDeletion(change, condition),
    count: countTicketOut(partnerId, condition),
    deleteLines: ofPartner(query.delete(productLines), linesOf(partnerId, numberOf(condition))),
    deleted: ofPartner(
      query.delete(preparedTickets).returning({ id: preparedTickets.id }),
      condition,
    ),
  };
}

/**
 * Deletes the partner's ticket and its product lines.
 *
 * @throws Problem `pickedUp` or `notFound` if there is no such ticket, and `preconditionFailed`.
 */
export async function deletePreparedTicket(
  db: Database,
  { change, id, preconditions }: TicketChange,
): Promise<void> {
  const { partnerId } = change;
  const ticket = ticketOf(partnerId, id);
  const condition = ownedSql`${ticket} AND ${meets(preconditions, ticketTag)}`;
  const rows = await writeOnce(db, change, {
    ...deletionStatements(change, condition),
    present: ofPartner(query.select({ id: preparedTickets.id }).from(preparedTickets), ticket),
  });
  if (rows !== 'recorded' && rows.deleted.length === 0) {
    throw rows.present.length > 0
      ? new Problem('preconditionFailed')
      : await missingTicket(db, partnerId, id);
  }
}
