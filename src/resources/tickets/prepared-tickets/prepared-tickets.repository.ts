import { and, eq, type SQL, sql } from 'drizzle-orm';
import { type Database, requireCertain } from '../../../db/client.ts';
import { type Change, isUnrecorded } from '../../../db/events.ts';
import {
  type IdempotencyKey,
  isUnused,
  keepKey,
  keptKey,
  resultOf,
} from '../../../db/idempotency.ts';
import { preparedTickets, productLines } from '../../../db/schema.ts';
import { compile, query } from '../../../db/statements.ts';
import { areMet, meets, type Preconditions } from '../../../db/versions.ts';
import { writeOnce } from '../../../db/write-once.ts';
import type { Page } from '../../../http/requests/pagination.ts';
import { preparedBook } from '../books.repository.ts';
import { reservedTime, reserveTickets } from '../buckets.repository.ts';
import { listSelection } from '../lists.repository.ts';
import { preparedSelection } from './filters.repository.ts';
import type { PreparedTicketFilters } from './filters.ts';
import { mayCreate } from './quota.repository.ts';
import {
  numberOf,
  ofPartner,
  type PreparedTicketRow,
  type PreparedTicketValues,
  ticketColumnList,
  ticketColumns,
} from './ticket-columns.repository.ts';
import { countTicketIn, countTicketOut, countVinChange } from './ticket-counts.repository.ts';
import { recordCreation, recordDeletion, recordUpdate } from './ticket-events.repository.ts';

export type { PreparedTicketRow } from './ticket-columns.repository.ts';

/** One page of the partner's tickets that match all filters, newest first, and how many match. */
export function listPreparedTickets(
  db: Database,
  partnerId: number,
  filters: PreparedTicketFilters,
  page: Page,
): Promise<{ rows: PreparedTicketRow[]; total: number }> {
  return listSelection(db, preparedSelection(partnerId, filters), page);
}

/** The partner's ticket, or undefined: nobody can tell another partner's from one that never was. */
export async function findPreparedTicket(
  db: Database,
  partnerId: number,
  id: string,
): Promise<PreparedTicketRow | undefined> {
  const {
    found: [row],
  } = await db.read({ found: ticketById({ partnerId, id }) });
  return row;
}

const ticketById = compile<PreparedTicketRow, 'partnerId' | 'id'>(
  sql`SELECT ${ticketColumnList} FROM prepared_tickets
    WHERE id = ${sql.placeholder('id')} AND partner_id = ${sql.placeholder('partnerId')}`,
);

/** Returns the statement that selects the one ticket that matches `condition`. */
export function selectTicket(condition: SQL) {
  return query.select(ticketColumns).from(preparedTickets).where(condition);
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
 * Inserts a ticket under a condition, at the reserved time; SQLite chooses its number.
 *
 * @param ticket its version is 1 unless it says otherwise.
 */
export function insertTicket(
  partnerId: number,
  ticket: NewPreparedTicketRow & { readonly version?: number },
  condition: SQL,
) {
  const values = {
    ...ticket,
    partner_id: partnerId,
    created_at: reservedTime(preparedBook, partnerId),
  };
  const names = Object.keys(values).map((name) => sql.identifier(name));
  const list = Object.values(values).map((value) => sql`${value}`);
  return sql<never>`INSERT INTO prepared_tickets (${sql.join(names, sql`, `)})
    SELECT ${sql.join(list, sql`, `)} WHERE ${condition}`;
}

/**
 * Returns the statements that write a new ticket, its counts and its event, while the condition holds and the
 * partner has not reached its quota.
 */
function creationStatements(ticket: NewPreparedTicketRow, creation: Creation, isNew: SQL) {
  const { partnerId } = creation;
  const condition = sql`${isNew} AND ${mayCreate(partnerId)}`;
  return {
    reserve: reserveTickets(preparedBook, creation, 1, condition),
    count: countTicketIn(partnerId, ticket, condition),
    insert: insertTicket(partnerId, ticket, condition),
    record: recordCreation(creation, ticket.id),
  };
}

/**
 * Writes a ticket, whose id is new.
 *
 * @returns the ticket; `'full'` if the partner has reached its quota.
 * @throws DatabaseUnavailable if an earlier attempt wrote it, and it was picked up or deleted since.
 */
export async function insertPreparedTicket(
  db: Database,
  ticket: NewPreparedTicketRow,
  creation: Creation,
): Promise<PreparedTicketRow | 'full'> {
  const present = selectTicket(ofPartner(creation.partnerId, ticket.id));
  const rows = await writeOnce(db, creation, {
    ...creationStatements(ticket, creation, sql`true`),
    present,
  });
  if (rows !== 'recorded') {
    // Only the quota keeps these statements from inserting the ticket.
    return rows.present[0] ?? 'full';
  }
  const [row] = (await db.readPrimary({ present })).present;
  requireCertain(row === undefined);
  return row as PreparedTicketRow;
}

/** What an idempotency key keeps of the ticket that it created; times in milliseconds since 1970. */
type CreatedTicket = Pick<PreparedTicketRow, 'id' | 'ticket_number' | 'created_at'>;

export type KeyedInsert =
  | { readonly outcome: 'created' | 'replayed'; readonly row: PreparedTicketRow }
  | { readonly outcome: 'key-reused' }
  | { readonly outcome: 'full' };

/**
 * Writes a ticket and its idempotency key, unless the partner used the key within its lifetime, or has reached
 * its quota. A creation that the quota refuses does not use up its key.
 *
 * @returns the ticket as it was first returned, also when it has changed or been deleted since.
 */
export async function insertPreparedTicketOnce(
  db: Database,
  ticket: NewPreparedTicketRow,
  creation: Creation,
  once: IdempotencyKey,
): Promise<KeyedInsert> {
  const { partnerId, now } = creation;
  const use = { ...once, space: 'tickets' as const, partnerId, now };
  const created = sql`SELECT json_object('id', id, 'ticket_number', ticket_number,
      'created_at', created_at) AS result
    FROM prepared_tickets WHERE ${ofPartner(partnerId, ticket.id)}`;
  const { rows } = await db.write({
    ...creationStatements(ticket, creation, isUnused(use)),
    keepKey: keepKey(use, created),
    kept: keptKey<CreatedTicket>(use),
  });
  const [kept] = rows.kept;
  if (kept === undefined) {
    return { outcome: 'full' };
  }
  if (kept.fingerprint !== once.fingerprint) {
    return { outcome: 'key-reused' };
  }
  const first = resultOf(kept);
  return {
    // It is also created when an earlier attempt of this very write inserted it: then the id is the same.
    outcome: first.id === ticket.id ? 'created' : 'replayed',
    row: { ...ticket, ...first, version: 1 },
  };
}

/** A change of one ticket, and what it is subject to. */
export interface TicketChange {
  readonly change: Change;
  readonly id: string;
  /** What the present state must be like. */
  readonly preconditions: Preconditions;
}

export type ChangeOutcome = 'done' | 'not-found' | 'other-version' | 'other-customer';

/**
 * Replaces the values of the partner's ticket.
 *
 * @param customerId when given, the ticket changes only if it is this customer's.
 * @returns the ticket when it changed, else why not.
 */
export async function updatePreparedTicket(
  db: Database,
  { change, id, preconditions }: TicketChange,
  values: PreparedTicketValues,
  customerId: string | undefined,
): Promise<PreparedTicketRow | Exclude<ChangeOutcome, 'done'>> {
  const { partnerId } = change;
  const ticket = ofPartner(partnerId, id);
  const ofCustomer =
    customerId === undefined ? undefined : eq(preparedTickets.customer_id, customerId);
  const condition = and(ticket, ofCustomer, meets(preconditions)) as SQL;
  const statements = (when: SQL) => ({
    count: countVinChange(partnerId, when, values.vin),
    update: query
      .update(preparedTickets)
      .set({ ...values, version: sql`version + 1` })
      .where(when)
      .returning(ticketColumns),
    record: recordUpdate(change, ticket),
    present: selectTicket(ticket),
  });
  const { rows, repeated } = await db.write(statements(condition), () =>
    statements(sql`${condition} AND ${isUnrecorded(change)}`),
  );
  const [updated] = rows.update;
  const [present] = rows.present;
  if (updated !== undefined) {
    return updated;
  }
  if (present === undefined) {
    return 'not-found';
  }
  if (customerId !== undefined && customerId !== present.customer_id) {
    return 'other-customer';
  }
  if (repeated && isOurs(present, preconditions, values)) {
    return present;
  }
  requireCertain(repeated);
  return 'other-version';
}

/** Whether a ticket is what this change makes of a state that meets the preconditions: then an earlier run made it. */
export function isOurs(
  present: PreparedTicketRow,
  preconditions: Preconditions,
  values: PreparedTicketValues,
): boolean {
  return (
    areMet(preconditions, present.version - 1) &&
    Object.entries(values).every(
      ([name, value]) => present[name as keyof PreparedTicketValues] === value,
    )
  );
}

/** Returns the statements that delete the one ticket that matches `condition`, with its lines and counts. */
export function deletionStatements(change: Change, condition: SQL) {
  return {
    record: recordDeletion(change, condition),
    count: countTicketOut(change.partnerId, condition),
    deleteLines: query
      .delete(productLines)
      .where(eq(productLines.ticket_number, numberOf(condition))),
    deleted: query.delete(preparedTickets).where(condition).returning({ id: preparedTickets.id }),
  };
}

/**
 * Deletes the partner's ticket and its product lines.
 *
 * @returns 'done', else why not.
 */
export async function deletePreparedTicket(
  db: Database,
  { change, id, preconditions }: TicketChange,
): Promise<Exclude<ChangeOutcome, 'other-customer'>> {
  const ticket = ofPartner(change.partnerId, id);
  const condition = and(ticket, meets(preconditions)) as SQL;
  const rows = await writeOnce(db, change, {
    ...deletionStatements(change, condition),
    present: query.select({ id: preparedTickets.id }).from(preparedTickets).where(ticket),
  });
  if (rows === 'recorded' || rows.deleted.length > 0) {
    return 'done';
  }
  return rows.present.length > 0 ? 'other-version' : 'not-found';
}
