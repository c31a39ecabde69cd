import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../../db/client.ts';
import { areMet, meets, type Preconditions, ticketTag } from '../../../../db/entity-tags.ts';
import { HAS_WRITTEN, isJustRecorded, recordedSubject } from '../../../../db/events.ts';
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
import { mayCreate, mayHaveLines, problemOfQuota } from '../quota.repository.ts';
import {
  differsFrom,
  isItsLine,
  linesAsJson,
  linesOf,
  type PreparedTicketRow,
  ticketNumbered,
  ticketOf,
} from '../ticket-columns.repository.ts';
import { countTicketIn } from '../ticket-counts.repository.ts';
import { recordCreation, recordReplacement } from '../ticket-events.repository.ts';
import { takeNumbers } from '../ticket-numbers.repository.ts';
import {
  isAbsent,
  onlyNumberOf,
  onlyOf,
  type SelectedTicket,
  selectByReference,
  selectWithLines,
  someNumberOf,
  type TicketWithLines,
  withLines,
} from './by-reference.repository.ts';
import { countReplacement, type NewLine, putLines, removeOtherLines } from './lines.repository.ts';

/** The ticket that a PUT creates or replaces. */
interface Put {
  /** Its id becomes that of the ticket only if the ticket is created. */
  readonly ticket: NewPreparedTicketRow;
  /** All its lines, in the order of `product_id`; undefined leaves those of an existing ticket as they are. */
  readonly lines: readonly NewLine[] | undefined;
  readonly preconditions: Preconditions;
  readonly creation: Creation;
  readonly once: IdempotencyKey | undefined;
}

/** The ticket that a PUT created, replaced, or left alone because it has the values already. */
interface PutByReference {
  readonly row: TicketWithLines;
  readonly isNew: boolean;
  /** Whether an earlier request with the same key wrote it. */
  readonly isReplay: boolean;
}

/** What a key keeps of the ticket, in addition to the values of the request. */
interface KeptTicket
  extends Pick<PreparedTicketRow, 'id' | 'ticket_number' | 'created_at' | 'version'> {
  readonly outcome: 'created' | 'replaced';
  /** The lines, if the request does not have them. A key from before responses had lines does not keep them. */
  readonly product_lines?: readonly NewLine[] | null;
  /** The id that the request had for a new ticket. It identifies the request, even if it replaced a ticket. */
  readonly new_id: string;
}

const keptTicket = (
  outcome: KeptTicket['outcome'],
  { ticket, lines }: Put,
  version: SQL,
  condition: SQL,
) =>
  sql`SELECT json_object('outcome', ${outcome}, 'new_id', ${ticket.id}, 'id', id,
      'ticket_number', ticket_number, 'created_at', created_at, 'version', ${version},
      'product_lines', ${lines ? sql`NULL` : sql`json(${linesAsJson(isItsLine)})`}) AS result
    FROM prepared_tickets WHERE ${condition}`;

/** The use of the key of a PUT. */
type Use = Parameters<typeof keepKey>[0] | undefined;

const isFree = (use: Use): SQL => (use === undefined ? sql`true` : isUnused(use));

const keyOf = ({ ticket, creation }: Put) => ({
  partnerId: creation.partnerId,
  reference: ticket.preparer_external_reference,
});

/** Returns the condition that the quota of lines lets the ticket have those of the request. */
function fits(put: Put): SQL {
  const { lines = [], creation } = put;
  const present = linesOf(creation.partnerId, onlyNumberOf(keyOf(put)));
  return lines.length > 0 ? mayHaveLines(creation.partnerId, lines.length, present) : sql`true`;
}

/**
 * Returns the statements that replace the one ticket with the reference, if the request changes a value and the quota
 * of lines allows it. The idempotency key is kept even if no value changes, and first.
 *
 * The event stands before all changes, because only then the condition holds and the difference is still there. What
 * follows happens if it was recorded. Lines are removed right after the counts change, which they do whenever a line is
 * removed, and new lines follow the update.
 */
function replacementStatements(put: Put, use: Use) {
  const { ticket, lines, preconditions, creation } = put;
  const { partnerId } = creation;
  const only = ticketNumbered(partnerId, onlyNumberOf(keyOf(put)));
  const changed = someNumberOf(keyOf(put), HAS_WRITTEN);
  // The reference stays as it is, so its index is left alone.
  const { preparer_external_reference: _reference, ...values } = pick(ticket, changeableMembers);
  const differs =
    lines === undefined
      ? differsFrom(values)
      : sql`(${differsFrom(values)} OR ${linesAsJson(isItsLine)} <> ${JSON.stringify(lines)})`;
  const own = ownedSql`${only} AND customer_id = ${ticket.customer_id}
    AND ${meets(preconditions, ticketTag)} AND ${fits(put)}`;
  const isReplaced =
    use === undefined
      ? ownedSql`${own} AND ${differs}`
      : ownedSql`${only} AND EXISTS (SELECT 1 FROM (${keptKey(use)}) AS kept
          WHERE kept.result ->> 'new_id' = ${ticket.id} AND kept.result ->> 'id' = prepared_tickets.id
            AND kept.result ->> 'version' = version + 1)`;
  return {
    keepReplacement:
      use &&
      keepKey(
        use,
        keptTicket('replaced', put, sql`version + (${differs})`, sql`${own} AND ${isUnused(use)}`),
      ),
    recordReplacement: recordReplacement(creation, isReplaced),
    countChange: countReplacement(partnerId, { number: changed, vin: ticket.vin, lines }),
    removeLines: lines && removeOtherLines(partnerId, changed, lines),
    update: ofPartner(
      query
        .update(preparedTickets)
        .set({ ...values, version: sql`version + 1` })
        .returning({ version: preparedTickets.version }),
      ticketNumbered(partnerId, someNumberOf(keyOf(put), isJustRecorded(creation))),
    ),
    replaceLines: lines?.length
      ? putLines(ticketNumbered(partnerId, changed), lines, sql`ticket.version`)
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
  const { partnerId } = creation;
  // If-Match fails for a ticket that does not exist, so none is created (RFC 9110 §13.1.1).
  const isAllowed =
    preconditions.ifMatch === undefined
      ? sql`${isFree(use)} AND ${mayCreate(partnerId)} AND ${fits(put)}`
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
    insertLines: hasLines ? putLines(isUnfinished, lines, sql`1`) : undefined,
    finish: hasLines
      ? ofPartner(query.update(preparedTickets).set({ version: 1 }), isUnfinished)
      : undefined,
    keepCreation: use && keepKey(use, keptTicket('created', put, sql`1`, isNew)),
  };
}

/** What the quotas allow, which is asked only if the request has lines. */
interface Allowed {
  readonly may_create: 0 | 1;
  readonly fits: 0 | 1;
}

/** Returns why a PUT was refused. `found` are the tickets with the reference. */
async function refusalOf(
  db: Database,
  put: Put,
  found: SelectedTicket[],
  allowed: Allowed | undefined,
): Promise<Problem> {
  const key = keyOf(put);
  if (found.length === 0) {
    // A PUT with If-Match never creates a ticket, so the quota is not what refuses it.
    const isUpdate = put.preconditions.ifMatch !== undefined;
    return (
      (await pickedUpByReference(db, key)) ??
      new Problem(isUpdate ? 'preconditionFailed' : problemOfQuota(allowed))
    );
  }
  const present = await onlyOf(db, key, found);
  if (present.customer_id !== put.ticket.customer_id) {
    return otherCustomer();
  }
  const areAllMet = areMet(put.preconditions, ticketTag.of(present));
  return new Problem(areAllMet ? 'productLineQuotaExceeded' : 'preconditionFailed');
}

/**
 * Creates the ticket with the reference, or replaces the one that has it, with its lines, in one transaction. A ticket
 * that has the values and the lines already is left alone.
 *
 * @throws Problem `idempotencyKeyReused`, `ambiguousReference`, `pickedUp`, `ticketQuotaExceeded`,
 * `productLineQuotaExceeded`, `preconditionFailed`, and `violations` if the ticket has another customer.
 * @throws DatabaseUnavailable if an earlier attempt wrote the ticket, and another request changed it since.
 */
export async function putByReference(db: Database, put: Put): Promise<PutByReference> {
  const { ticket, lines, preconditions, creation, once } = put;
  const { partnerId, now } = creation;
  const use = once && { ...once, space: 'tickets' as const, partnerId, now };
  const kept = use && keptKey<KeptTicket>(use);
  const rows = await writeOnce(db, creation, {
    // Read before anything is written, because it decides what the statements after it do.
    present: selectByReference(keyOf(put), lines === undefined),
    allowed: lines?.length
      ? ownedSql<Allowed>`SELECT ${mayCreate(partnerId)} AS may_create, ${fits(put)} AS fits`
      : undefined,
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
    const { outcome, new_id, product_lines, ...first } = resultOf(keys[0]);
    const present = rows === 'recorded' ? undefined : rows.present[0];
    const kept = lines ?? product_lines ?? (present ? withLines(present).product_lines : []);
    const row = { ...ticket, ...first, product_lines: kept };
    return { row, isNew: outcome === 'created', isReplay: new_id !== ticket.id };
  }
  if (rows === 'recorded') {
    const recorded = ticketOf(partnerId, recordedSubject(creation));
    const row = withLines(await recordedRow(db, creation, selectWithLines(recorded)));
    return { row, isNew: row.id === ticket.id, isReplay: false };
  }
  if (rows.created[0] !== undefined) {
    const row = { ...rows.created[0], product_lines: lines ?? [] };
    return { row, isNew: true, isReplay: false };
  }
  const [old, ...others] = rows.present;
  const allowed = rows.allowed?.[0];
  const isWritten =
    old?.customer_id === ticket.customer_id &&
    others.length === 0 &&
    areMet(preconditions, ticketTag.of(old)) &&
    allowed?.fits !== 0;
  if (!isWritten) {
    throw await refusalOf(db, put, rows.present, allowed);
  }
  const { product_lines } = lines === undefined ? withLines(old) : { product_lines: lines };
  const version = rows.update[0]?.version ?? old.version;
  const row = { ...old, ...pick(ticket, changeableMembers), version, product_lines };
  return { row, isNew: false, isReplay: false };
}
