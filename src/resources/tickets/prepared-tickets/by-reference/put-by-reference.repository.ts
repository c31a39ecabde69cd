import { type SQL, sql } from 'drizzle-orm';
import { type Database, requireCertain } from '../../../../db/client.ts';
import { HAS_WRITTEN, isUnrecorded } from '../../../../db/events.ts';
import {
  type IdempotencyKey,
  isUnused,
  type KeptKey,
  keepKey,
  keptKey,
  resultOf,
} from '../../../../db/idempotency.ts';
import { preparedTickets } from '../../../../db/schema.ts';
import { query } from '../../../../db/statements.ts';
import { areMet, meets, type Preconditions } from '../../../../db/versions.ts';
import { pick } from '../../../../http/fields/object.ts';
import { preparedBook } from '../../books.repository.ts';
import { reserveTickets } from '../../buckets.repository.ts';
import {
  type Creation,
  insertTicket,
  isOurs,
  type NewPreparedTicketRow,
  selectTicket,
} from '../prepared-tickets.repository.ts';
import { mayCreate } from '../quota.repository.ts';
import { ofPartner, type PreparedTicketRow } from '../ticket-columns.repository.ts';
import { countTicketIn } from '../ticket-counts.repository.ts';
import { recordCreation, recordUpdate } from '../ticket-events.repository.ts';
import { changeableMembers } from '../ticket-members.ts';
import {
  isAbsent,
  onlyNumberOf,
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

/**
 * The outcome of a PUT. If nothing was written, `present` contains the tickets with the reference. If there is
 * none, then the request has If-Match, or a ticket with the reference was picked up, or the quota is reached.
 */
export type PutOutcome =
  | {
      readonly outcome: 'created' | 'replaced';
      readonly row: PreparedTicketRow;
      /** Whether an earlier request with the same key wrote it. */
      readonly isReplayed: boolean;
    }
  | { readonly outcome: 'key-reused' }
  | { readonly outcome: 'refused'; readonly present: PreparedTicketRow[] };

/** What a key keeps of the ticket that was written, beside the values of the request. */
interface WrittenTicket
  extends Pick<PreparedTicketRow, 'id' | 'ticket_number' | 'created_at' | 'version'> {
  readonly outcome: 'created' | 'replaced';
  /** The new id that the request brought along, also where a ticket was there: it tells the requests apart. */
  readonly new_id: string;
}

const written = (outcome: WrittenTicket['outcome'], newId: string, version: SQL, condition: SQL) =>
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
 * Returns the statements that replace the one ticket with the reference. The key is kept before the
 * ticket changes, while it can still be told whether it will; then the kept key, and no longer its
 * absence, is the condition of the change.
 *
 * The lines that go follow the count, and the event and the lines that stay or come follow the update: each
 * looks only whether the statement before it wrote. Where a line goes, the count changes.
 *
 * @param mayWrite a further condition.
 */
function replacementStatements(put: Put, use: Use, mayWrite: SQL) {
  const { ticket, lines, preconditions, creation } = put;
  const { partnerId } = creation;
  const only = onlyNumberOf(keyOf(put));
  const number = someNumberOf(keyOf(put));
  const changed = sql`iif(${HAS_WRITTEN}, ${number}, NULL)`;
  // A ticket with the new id was created by an earlier attempt, and needs no replacement.
  const own = sql`ticket_number = ${only} AND customer_id = ${ticket.customer_id}
    AND id <> ${ticket.id} AND ${meets(preconditions)} AND ${mayWrite}`;
  const condition = sql`${own} AND ${isFree(use)}`;
  const isKeptHere =
    use === undefined
      ? own
      : sql`${own} AND EXISTS (SELECT 1 FROM (${keptKey(use)}) AS kept
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
    removeLines: lines && removeOtherLines(changed, lines),
    keepReplacement:
      use && keepKey(use, written('replaced', ticket.id, sql`version + 1`, condition)),
    update: query
      .update(preparedTickets)
      .set({ ...values, version: sql`version + 1` })
      .where(isKeptHere),
    recordUpdate: recordUpdate(creation, sql`ticket_number = ${number}`),
    replaceLines: lines?.length
      ? putLines(sql`ticket_number = ${changed}`, lines, creation.now)
      : undefined,
  };
}

/**
 * Returns the statements that create the ticket if none has the reference. A ticket that has lines to
 * come has the version 0 until they are there, so that only the attempt that inserts it inserts them.
 *
 * Only the first statement looks for a ticket with the reference. It writes a row if it finds none, and
 * each statement after it writes a row if the one before it did: SQLite tells by `changes()`, which costs
 * no row. So these statements must stay next to each other, in this order.
 *
 * @param mayWrite a further condition.
 */
function creationStatements(put: Put, use: Use, mayWrite: SQL) {
  const { ticket, lines = [], preconditions, creation } = put;
  const { partnerId, now } = creation;
  // If-Match fails for a ticket that is not there, so none is created (RFC 9110 §13.1.1).
  const isAllowed =
    preconditions.ifMatch === undefined
      ? sql`${isFree(use)} AND ${mayCreate(partnerId)}`
      : sql`false`;
  const condition = sql`${isAbsent(keyOf(put))} AND ${isAllowed} AND ${mayWrite}`;
  const counted = { ...ticket, productIds: lines.map(({ product_id }) => product_id) };
  const isNew = sql`id = ${ticket.id}`;
  const isUnfinished = sql`${isNew} AND version = 0`;
  const hasLines = lines.length > 0;
  return {
    reserve: reserveTickets(preparedBook, creation, 1, condition),
    count: countTicketIn(partnerId, counted, HAS_WRITTEN),
    insert: insertTicket(partnerId, { ...ticket, version: hasLines ? 0 : 1 }, HAS_WRITTEN),
    recordCreation: recordCreation(creation, ticket.id),
    insertLines: hasLines ? putLines(isUnfinished, lines, now) : undefined,
    finish: hasLines
      ? query.update(preparedTickets).set({ version: 1 }).where(isUnfinished)
      : undefined,
    keepCreation: use && keepKey(use, written('created', ticket.id, sql`1`, isNew)),
  };
}

/**
 * Creates the ticket with the reference, or replaces the one that has it if that is this customer's and
 * meets the preconditions; with its lines, in one transaction.
 *
 * @throws DatabaseUnavailable when an earlier attempt may have written it.
 */
export async function putByReference(db: Database, put: Put): Promise<PutOutcome> {
  const { creation, once } = put;
  const { partnerId, now } = creation;
  const newId = put.ticket.id;
  const use = once && { ...once, space: 'tickets' as const, partnerId, now };
  const statements = (mayWrite: SQL) => ({
    // Read before anything is written: what it finds tells what the statements after it do.
    present: selectByReference(keyOf(put)),
    attempt: sql<{ may_write: 0 | 1 }>`SELECT ${mayWrite} AS may_write`,
    ...replacementStatements(put, use, mayWrite),
    ...creationStatements(put, use, mayWrite),
    created: selectTicket(ofPartner(partnerId, newId)),
    kept: use && keptKey<WrittenTicket>(use),
  });
  const { rows, repeated } = await db.write(statements(sql`true`), () =>
    statements(isUnrecorded(creation)),
  );
  const kept = (rows.kept as KeptKey<WrittenTicket>[] | undefined)?.[0];
  if (kept !== undefined) {
    if (kept.fingerprint !== once?.fingerprint) {
      return { outcome: 'key-reused' };
    }
    const { outcome, new_id, ...first } = resultOf(kept);
    return { outcome, row: { ...put.ticket, ...first }, isReplayed: new_id !== newId };
  }
  const [created] = rows.created;
  if (created !== undefined) {
    return { outcome: 'created', row: created, isReplayed: false };
  }
  return outcomeOf(put, rows.present, rows.attempt[0]?.may_write === 1, repeated);
}

/**
 * Returns the outcome of a PUT that created no ticket, and that has no key or whose key was not stored.
 *
 * @param found the tickets that the last attempt found.
 * @param couldWrite whether that attempt could replace a ticket; it could not if an earlier one had.
 */
function outcomeOf(
  { ticket, preconditions }: Put,
  found: PreparedTicketRow[],
  couldWrite: boolean,
  repeated: boolean,
): PutOutcome {
  const isReplayed = false;
  const [present, ...others] = found;
  const isCustomers = present?.customer_id === ticket.customer_id;
  if (present !== undefined && others.length === 0 && isCustomers) {
    const values = pick(ticket, changeableMembers);
    if (couldWrite && areMet(preconditions, present.version)) {
      const row = { ...present, ...values, version: present.version + 1 };
      return { outcome: 'replaced', row, isReplayed };
    }
    if (repeated && isOurs(present, preconditions, values)) {
      return { outcome: 'replaced', row: present, isReplayed };
    }
  }
  requireCertain(repeated);
  return { outcome: 'refused', present: found };
}
