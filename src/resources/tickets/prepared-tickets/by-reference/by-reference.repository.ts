import { z } from '@hono/zod-openapi';
import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../../db/client.ts';
import { meets, type Preconditions, ticketTag } from '../../../../db/entity-tags.ts';
import type { Change } from '../../../../db/events.ts';
import { type Owned, ownedSql } from '../../../../db/owned.ts';
import type { PartnerId } from '../../../../db/partner-id.ts';
import { writeOnce } from '../../../../db/write-once.ts';
import { Problem } from '../../../../problems/problem.ts';
import { problemWith } from '../../../../problems/schemas.ts';
import { ticketExample } from '../../ticket.ts';
import { lastPickedUp, pickedUpByReference } from '../missing-ticket.repository.ts';
import { deletionStatements } from '../prepared-tickets.repository.ts';
import {
  isItsLine,
  linesAsJson,
  linesOf,
  type PreparedTicketRow,
  ticketColumnList,
  ticketNumbered,
} from '../ticket-columns.repository.ts';
import type { NewLine } from './lines.repository.ts';

/** Names the tickets of a partner that have a reference: one, if all were created by reference. */
export interface ReferenceKey {
  readonly partnerId: PartnerId;
  readonly reference: string;
}

/** A key whose members can be SQL expressions. NULL matches no ticket. */
interface KeyInSql {
  readonly partnerId: PartnerId | Owned;
  readonly reference: string | SQL;
}

/** The maximum number of tickets that are looked up if several have the reference. */
const MAX_TICKETS = 10;

/** The `detail` of a 404. */
export const noTicket = 'There is no prepared ticket with this reference.';

/** Creates the problem of a reference that several prepared tickets have. */
export const ambiguousReference = problemWith(
  'ambiguousReference',
  {
    prepared_ticket_ids: z.array(z.string().openapi({ format: 'uuid' })).openapi({
      description:
        'For the type /problems/ambiguous-reference: the ids of up to 10 prepared tickets that have the reference, newest first.',
      minItems: 2,
      maxItems: MAX_TICKETS,
    }),
  },
  { prepared_ticket_ids: ['7d1f8c52-3b0e-4a57-9c55-2f6f0a1b9d3e', ticketExample.id] },
);

const entriesOf = ({ partnerId, reference }: KeyInSql): Owned =>
  ownedSql`prepared_tickets INDEXED BY prepared_tickets_reference
    WHERE partner_id = ${partnerId} AND preparer_external_reference = ${reference}`;

/** Returns a FROM clause of the tickets with the reference, newest first, 10 at most. */
export const newestOf = (key: KeyInSql): Owned =>
  ownedSql`${entriesOf(key)} ORDER BY created_at DESC, ticket_number DESC LIMIT ${MAX_TICKETS}`;

/** Returns the number of the one ticket with the reference, as a scalar; NULL if there is none or several. */
export const onlyNumberOf = (key: ReferenceKey): Owned =>
  ownedSql`(SELECT iif(count(*) = 1, max(ticket_number), NULL)
    FROM (SELECT ticket_number FROM ${entriesOf(key)} LIMIT 2))`;

/** A ticket as it is selected with its lines, which are a JSON list in the order of `product_id`. */
export interface SelectedTicket extends PreparedTicketRow {
  readonly product_lines: string;
}

/** A ticket with its lines, in the order of `product_id`. */
export interface TicketWithLines extends PreparedTicketRow {
  readonly product_lines: readonly NewLine[];
}

/** Returns a ticket that was selected with its lines. */
export const withLines = (row: SelectedTicket): TicketWithLines => ({
  ...row,
  product_lines: JSON.parse(row.product_lines),
});

/**
 * Returns the statement that selects the tickets with the reference, newest first, 10 at most.
 *
 * @param hasLines whether the lines of the ticket are selected with it, if it is the only one.
 */
export function selectByReference(key: ReferenceKey, hasLines: boolean) {
  const lines = hasLines ? linesAsJson(linesOf(key.partnerId, onlyNumberOf(key))) : sql`'[]'`;
  return ownedSql<SelectedTicket>`SELECT ${ticketColumnList}, ${lines} AS product_lines FROM ${newestOf(key)}`;
}

/** Returns the statement that selects the one ticket that matches `condition`, with its lines. */
export const selectWithLines = (condition: Owned) =>
  ownedSql<SelectedTicket>`SELECT ${ticketColumnList}, ${linesAsJson(isItsLine)} AS product_lines
    FROM prepared_tickets WHERE ${condition}`;

/**
 * Returns the number of any ticket with the reference, as a scalar that reads one row; NULL if there is none.
 *
 * @param condition under which the ticket is looked up. NULL is the number if it does not hold, and no row is read.
 */
export const someNumberOf = ({ partnerId, reference }: ReferenceKey, condition: SQL): Owned =>
  ownedSql`(SELECT ticket_number FROM ${entriesOf({
    partnerId: ownedSql`iif(${condition}, ${partnerId}, NULL)`,
    reference,
  })} LIMIT 1)`;

/** Returns the condition that neither a prepared nor a picked-up ticket has the reference. */
export const isAbsent = (key: ReferenceKey): Owned =>
  ownedSql`NOT EXISTS (SELECT 1 FROM ${entriesOf(key)})
    AND NOT EXISTS (${lastPickedUp(key)})`;

/**
 * Returns the one ticket that has the reference.
 *
 * @param rows the tickets that have it.
 * @throws Problem `pickedUp` or `notFound` if there is none, and `ambiguousReference` if there are several.
 */
export async function onlyOf(
  db: Database,
  key: ReferenceKey,
  rows: readonly SelectedTicket[],
): Promise<TicketWithLines> {
  const [row, ...others] = rows;
  if (row === undefined) {
    const pickedUp = await pickedUpByReference(db, key);
    throw pickedUp ?? new Problem('notFound', { detail: noTicket });
  }
  if (others.length > 0) {
    throw ambiguousReference({ prepared_ticket_ids: rows.map(({ id }) => id) });
  }
  return withLines(row);
}

/**
 * Reads the one ticket that has the reference.
 *
 * @throws the problems of `onlyOf`.
 */
export async function findByReference(db: Database, key: ReferenceKey): Promise<TicketWithLines> {
  const { found } = await db.read({ found: selectByReference(key, true) });
  return onlyOf(db, key, found);
}

/**
 * Deletes the one ticket with the reference.
 *
 * @throws the problems of `onlyOf`, and Problem `preconditionFailed`.
 */
export async function deleteByReference(
  db: Database,
  change: Change,
  reference: string,
  preconditions: Preconditions,
): Promise<void> {
  const key = { partnerId: change.partnerId, reference };
  const condition = ownedSql`${ticketNumbered(change.partnerId, onlyNumberOf(key))} AND ${meets(preconditions, ticketTag)}`;
  const rows = await writeOnce(db, change, {
    ...deletionStatements(change, condition),
    present: selectByReference(key, false),
  });
  if (rows !== 'recorded' && rows.deleted.length === 0) {
    await onlyOf(db, key, rows.present);
    throw new Problem('preconditionFailed');
  }
}
