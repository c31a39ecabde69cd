import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../../db/client.ts';
import { HAS_WRITTEN, recordedSubject } from '../../../../db/events.ts';
import {
  type IdempotencyKey,
  isUnused,
  keepKey,
  keptKey,
  resultOf,
} from '../../../../db/idempotency.ts';
import { ofPartner, ownedSql } from '../../../../db/owned.ts';
import { preparedTickets } from '../../../../db/schema.ts';
import { query } from '../../../../db/statements.ts';
import { areMet, meets, type Preconditions } from '../../../../db/versions.ts';
import { recordedRow, writeOnce } from '../../../../db/write-once.ts';
import { pick } from '../../../../http/fields/object.ts';
import { Problem } from '../../../../problems/problem.ts';
import { preparedBook } from '../../books.repository.ts';
import { reserveTickets } from '../../buckets.repository.ts';
import { changeableMembers } from '../../ticket.ts';
import { pickedUpByReference } from '../missing-ticket.repository.ts';
import { otherCustomer } from '../prepared-ticket.ts';
import {
  type Creation,
  insertTicket,
  type NewPreparedTicketRow,
  selectTicket,
} from '../prepared-tickets.repository.ts';
import { mayCreate } from '../quota.repository.ts';
import { type PreparedTicketRow, ticketNumbered, ticketOf } from '../ticket-columns.repository.ts';
import { countTicketIn } from '../ticket-counts.repository.ts';
import { recordCreation, recordUpdate } from '../ticket-events.repository.ts';
import { takeNumbers } from '../ticket-numbers.repository.ts';
import {
  isAbsent,
  onlyNumberOf,
  onlyOf,
  selectByReference,
  someNumberOf,
} from './by-reference.repository.ts';
import { countReplacement, type NewLine, putLines, removeOtherLines } from './lines.repository.ts';

/** The ticket that a PUT creates or replaces. */
interface Put {
  /** Its id becomes that of the ticket only if the ticket is created. */
  readonly ticket: NewPreparedTicketRow;
  /** All its lines; undefined leaves those of an existing ticket as they are. */
  readonly lines: readonly NewLine[] | undefined;
  readonly preconditions: Preconditions;
  readonly creation: Creation;
  readonly once: IdempotencyKey | undefined;
}

/** The ticket that a PUT wrote. */
interface WrittenByReference {
  readonly row: PreparedTicketRow;
  readonly isNew: boolean;
  /** Whether an earlier request with the same key wrote it. */
  readonly isReplay: boolean;
}

/** What a key keeps of the ticket that was written, in addition to the values of the request. */
interface WrittenTicket
  extends Pick<PreparedTicketRow, 'id' | 'ticket_number' | 'created_at' | 'version'> {
  readonly outcome: 'created' | 'replaced';
  /** The id that the request had for a new ticket. It identifies the request, even if it replaced a ticket. */
  readonly new_id: string;
}

const keptTicket = (
  outcome: WrittenTicket['outcome'],
  newId: string,
  version: SQL,
  condition: SQL,
) =>
  sql`SELECT json_object('outcome', ${outcome}, 'new_id', ${newId}, 'id', id,
      'ticket_number', ticket_number, 'created_at', created_at, 'version', ${version}) AS result
    FROM prepared_tickets WHERE ${condition}`;

/** The use of the key of a PUT. */
type Use = Parameters<typeof keepKey>[0] | undefined;

const isFree = (use: Use): SQL => (use === undefined ? sql`true` : isUnused(use));

const keyOf = ({ ticket, creation }: Put) => ({
  partnerId: creation.partnerId,
  reference: ticket.preparer_external_reference,
});

/**
 * Returns the statements that replace the one ticket with the reference. The idempotency key is kept before the
 * ticket changes, because its condition no longer holds afterwards. The kept key is then the condition of the
 * update.
 *
 * Each statement looks only whether the one before it wrote a row. So lines are removed right after the counts
 * change, which they do whenever a line is removed, and the event and the new lines follow the update.
 */
function replacementStatements(put: Put, use: Use) {
  const { ticket, lines, preconditions, creation } = put;
  const { partnerId } = creation;
  const only = onlyNumberOf(keyOf(put));
  const number = someNumberOf(keyOf(put));
  const changed = sql`iif(${HAS_WRITTEN}, ${number}, NULL)`;
  const own = ownedSql`${ticketNumbered(partnerId, only)} AND customer_id = ${ticket.customer_id}
    AND ${meets(preconditions)}`;
  const condition = ownedSql`${own} AND ${isFree(use)}`;
  const isKeptHere =
    use === undefined
      ? own
      : ownedSql`${own} AND EXISTS (SELECT 1 FROM (${keptKey(use)}) AS kept
          WHERE kept.result ->> 'new_id' = ${ticket.id} AND kept.result ->> 'version' = version + 1)`;
  // The reference stays as it is, so its index is left alone.
  const { preparer_external_reference: _reference, ...values } = pick(ticket, changeableMembers);
  return {
    countChange: countReplacement(partnerId, {
      condition,
      number,
      vin: ticket.vin,
      lines,
    }),
    removeLines: lines && removeOtherLines(partnerId, changed, lines),
    keepReplacement:
      use && keepKey(use, keptTicket('replaced', ticket.id, sql`version + 1`, condition)),
    update: ofPartner(
      query.update(preparedTickets).set({ ...values, version: sql`version + 1` }),
      isKeptHere,
    ),
    recordUpdate: recordUpdate(creation, ticketNumbered(partnerId, number)),
    replaceLines: lines?.length
      ? putLines(ticketNumbered(partnerId, changed), lines, creation.now)
      : undefined,
  };
}

/**
 * Returns the statements that create the ticket if none has the reference. A ticket with lines has the version 0
 * until its lines are inserted, so only a request that inserts the ticket inserts lines.
 *
 * Only the first statement looks for a ticket with the reference, and writes a row if it finds none. Each statement
 * after it writes a row if the one before it did, which `changes()` of SQLite tells without reading a row. So these
 * statements must stay next to each other, in this order.
 */
function creationStatements(put: Put, use: Use) {
  const { ticket, lines = [], preconditions, creation } = put;
  const { partnerId, now } = creation;
  // If-Match fails for a ticket that does not exist, so none is created (RFC 9110 §13.1.1).
  const isAllowed =
    preconditions.ifMatch === undefined
      ? sql`${isFree(use)} AND ${mayCreate(partnerId)}`
      : sql`false`;
  const condition = sql`${isAbsent(keyOf(put))} AND ${isAllowed}`;
  const counted = { ...ticket, productIds: lines.map(({ product_id }) => product_id) };
  const isNew = ticketOf(partnerId, ticket.id);
  const isUnfinished = ownedSql`${isNew} AND version = 0`;
  const hasLines = lines.length > 0;
  return {
    reserve: reserveTickets(preparedBook, creation, 1, condition),
    takeNumber: takeNumbers(partnerId, 1),
    count: countTicketIn(partnerId, counted, HAS_WRITTEN),
    insert: insertTicket(partnerId, { ...ticket, version: hasLines ? 0 : 1 }, HAS_WRITTEN),
    recordCreation: recordCreation(creation, ticket),
    insertLines: hasLines ? putLines(isUnfinished, lines, now) : undefined,
    finish: hasLines
      ? ofPartner(query.update(preparedTickets).set({ version: 1 }), isUnfinished)
      : undefined,
    keepCreation: use && keepKey(use, keptTicket('created', ticket.id, sql`1`, isNew)),
  };
}

/** Returns why a PUT wrote nothing. `found` are the tickets with the reference. */
async function refusalOf(db: Database, put: Put, found: PreparedTicketRow[]): Promise<Problem> {
  const key = keyOf(put);
  if (found.length === 0) {
    // A PUT with If-Match never creates a ticket, so the quota is not what refuses it.
    const isUpdate = put.preconditions.ifMatch !== undefined;
    return (
      (await pickedUpByReference(db, key.partnerId, key.reference)) ??
      new Problem(isUpdate ? 'preconditionFailed' : 'ticketQuotaExceeded')
    );
  }
  const { customer_id } = await onlyOf(db, key, found);
  return customer_id === put.ticket.customer_id
    ? new Problem('preconditionFailed')
    : otherCustomer();
}

/**
 * Creates the ticket with the reference, or replaces the one that has it, with its lines, in one transaction.
 *
 * @throws Problem `idempotencyKeyReused`, `ambiguousReference`, `pickedUp`, `ticketQuotaExceeded`,
 * `preconditionFailed`, and `violations` if the ticket has another customer.
 * @throws DatabaseUnavailable if an earlier attempt wrote the ticket, and another request changed it since.
 */
export async function putByReference(db: Database, put: Put): Promise<WrittenByReference> {
  const { ticket, preconditions, creation, once } = put;
  const { partnerId, now } = creation;
  const use = once && { ...once, space: 'tickets' as const, partnerId, now };
  const kept = use && keptKey<WrittenTicket>(use);
  const rows = await writeOnce(db, creation, {
    // Read before anything is written, because it decides what the statements after it do.
    present: selectByReference(keyOf(put)),
    ...replacementStatements(put, use),
    ...creationStatements(put, use),
    created: selectTicket(ticketOf(partnerId, ticket.id)),
    kept,
  });
  const keys = rows === 'recorded' ? kept && (await db.readPrimary({ kept })).kept : rows.kept;
  if (keys?.[0] !== undefined) {
    if (keys[0].fingerprint !== once?.fingerprint) {
      throw new Problem('idempotencyKeyReused');
    }
    const { outcome, new_id, ...first } = resultOf(keys[0]);
    const isReplay = new_id !== ticket.id;
    return { row: { ...ticket, ...first }, isNew: outcome === 'created', isReplay };
  }
  if (rows === 'recorded') {
    const recorded = ticketOf(partnerId, recordedSubject(creation));
    const row = await recordedRow(db, creation, selectTicket(recorded));
    return { row, isNew: row.id === ticket.id, isReplay: false };
  }
  if (rows.created[0] !== undefined) {
    return { row: rows.created[0], isNew: true, isReplay: false };
  }
  const [old, ...others] = rows.present;
  const isReplaced =
    old?.customer_id === ticket.customer_id &&
    others.length === 0 &&
    areMet(preconditions, old.version);
  if (!isReplaced) {
    throw await refusalOf(db, put, rows.present);
  }
  const row = { ...old, ...pick(ticket, changeableMembers), version: old.version + 1 };
  return { row, isNew: false, isReplay: false };
}
