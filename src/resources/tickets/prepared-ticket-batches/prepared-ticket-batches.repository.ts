import { sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { recordEvents } from '../../../db/events.ts';
import { isUnused, type KeyUse, keepKey, keptKey, resultOf } from '../../../db/idempotency.ts';
import { ownedSql } from '../../../db/owned.ts';
import type { PartnerId } from '../../../db/partner-id.ts';
import { Problem } from '../../../problems/problem.ts';
import { preparedBook } from '../books.repository.ts';
import { addToCounts, newestPlace, reservedTime, reserveTickets } from '../buckets.repository.ts';
import {
  type Creation,
  insertTickets,
  type NewPreparedTicketRow,
} from '../prepared-tickets/prepared-tickets.repository.ts';
import {
  mayAddLines,
  mayCreate,
  problemOfQuota,
  selectMayCreate,
} from '../prepared-tickets/quota.repository.ts';
import {
  insertLines,
  newLineVersion,
  type PreparedTicketRow,
  ticketOf,
} from '../prepared-tickets/ticket-columns.repository.ts';
import { facetsOfNew } from '../prepared-tickets/ticket-counts.repository.ts';
import { newestNumber, takeNumbers } from '../prepared-tickets/ticket-numbers.repository.ts';

/** A product line to create. */
interface NewLine {
  readonly product_id: string;
  readonly quantity: number;
}

/** A ticket to create, with its product lines and the id of its event. */
interface NewTicket extends NewPreparedTicketRow {
  readonly event_id: string;
  readonly product_lines: readonly NewLine[];
}

/** The tickets of one request. */
export interface Batch {
  /** A new UUID. */
  readonly id: string;
  readonly tickets: readonly NewTicket[];
  /** The fingerprint of the request, and the key if it came with one. */
  readonly fingerprint: string;
  readonly key: string | undefined;
  /**
   * The id of a request whose response reports a refusal by a quota for each ticket, so that its key keeps the
   * refusal; undefined if the whole request is refused and can be sent again with the same key.
   */
  readonly lenientRequestId: string | undefined;
}

/** What a batch created, and what a quota refused of a lenient one. */
export interface InsertedBatch {
  readonly isReplay: boolean;
  /** The row of each ticket; undefined for one that was refused. */
  readonly rows: readonly (Omit<PreparedTicketRow, 'version'> | undefined)[];
  /** Why tickets were refused, if any were. */
  readonly problem: ReturnType<typeof problemOfQuota>;
  /** The id of the request that was refused first. */
  readonly requestId: string | undefined;
}

/** What an idempotency key keeps of a batch. Together with the values of the request, it reproduces the response. */
interface KeptBatch {
  readonly batch: string;
  /** The number of the first created ticket; those of the others follow it without a gap. */
  readonly first_number?: number;
  /** Of all created tickets, in milliseconds since 1970. */
  readonly created_at?: number;
  /**
   * The id of each ticket; null for one that the quota of lines refused. Absent if the quota of tickets refused them all.
   */
  readonly ids?: readonly (string | null)[];
  /** The id of the request of which tickets were refused. */
  readonly refused_request?: string | null;
}

/** Returns the number of tickets for each facet except `all`. */
function facetsOf(tickets: readonly NewTicket[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { product_lines, ...ticket } of tickets) {
    const productIds = product_lines.map(({ product_id }) => product_id);
    for (const name of facetsOfNew({ ...ticket, productIds })) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return counts;
}

const hasLines = ({ product_lines }: NewTicket) => product_lines.length > 0;

/**
 * Returns the statements that write tickets of a batch with their lines, counts and events, unless its key was used or
 * the partner has reached a quota that they need. Each set of rows is one JSON text, because D1 binds at most 100 values.
 */
function creationStatements(
  tickets: readonly NewTicket[],
  use: KeyUse,
  creation: Omit<Creation, 'eventId'>,
) {
  const { partnerId } = creation;
  const [first] = tickets;
  if (first === undefined) {
    return {};
  }
  const mayHaveLines = tickets.some(hasLines) ? mayAddLines(partnerId) : sql`true`;
  const condition = ownedSql`${isUnused(use)} AND ${mayCreate(partnerId)} AND ${mayHaveLines}`;
  // No row is read for a replay or a refusal, as one would be for each item if the condition stood in WHERE.
  const each = (rows: readonly unknown[]) =>
    sql`json_each(iif(${condition}, ${JSON.stringify(rows)}, '[]'))`;
  const firstTicket = ownedSql`(SELECT ticket_number, partner_id, created_at FROM prepared_tickets
    WHERE ${ticketOf(partnerId, first.id)})`;
  const lines = tickets.flatMap(({ product_lines }, index) =>
    product_lines.map(({ product_id, quantity }) => [index, product_id, quantity]),
  );
  return {
    reserve: reserveTickets(preparedBook, creation, tickets.length, condition),
    takeNumbers: takeNumbers(partnerId, tickets.length),
    count: addToCounts(
      preparedBook,
      partnerId,
      newestPlace(preparedBook, partnerId),
      sql`SELECT value ->> 0 AS facet, value ->> 1 AS tickets FROM ${each([...facetsOf(tickets)])}`,
    ),
    insert: insertTickets(partnerId, {
      number: sql`${newestNumber(partnerId)} - ${tickets.length - 1} + key`,
      time: reservedTime(preparedBook, partnerId),
      from: sql`${each(tickets)} ORDER BY key`,
    }),
    record: recordEvents(
      creation,
      'prepared_ticket.created',
      sql`SELECT key AS position, value ->> 'event_id' AS event_id, value ->> 'id' AS id,
          first.ticket_number + key AS ticket_number, 1 AS version,
          value ->> 'preparer_external_reference' AS preparer_external_reference
        FROM ${firstTicket} AS first CROSS JOIN ${each(tickets)}`,
    ),
    insertLines:
      lines.length === 0
        ? undefined
        : insertLines(ownedSql`SELECT first.ticket_number + (value ->> 0), value ->> 1, first.partner_id,
              first.created_at, value ->> 2, ${newLineVersion(sql`1`)}
            FROM ${firstTicket} AS first CROSS JOIN ${each(lines)} WHERE true`),
  };
}

/**
 * Returns what the key of a batch keeps, as a SELECT of `result`. The quota of tickets refuses all of its tickets or none.
 *
 * @param isRefused whether the quota of lines refuses a ticket.
 */
function keptBatch(
  { id, tickets, lenientRequestId }: Batch,
  isRefused: (ticket: NewTicket) => boolean,
  partnerId: PartnerId,
) {
  const ids = JSON.stringify(tickets.map((ticket) => (isRefused(ticket) ? null : ticket.id)));
  const common = sql`'batch', ${id}, 'ids', json(${ids}),
    'refused_request', ${tickets.some(isRefused) ? lenientRequestId : null}`;
  const first = tickets.find((ticket) => !isRefused(ticket));
  if (first === undefined) {
    return sql`SELECT json_object(${common}) AS result`;
  }
  const refused =
    lenientRequestId === undefined
      ? sql``
      : sql`UNION ALL SELECT json_object('batch', ${id}, 'refused_request', ${lenientRequestId})
          WHERE NOT ${mayCreate(partnerId)}`;
  return sql`SELECT json_object(${common}, 'first_number', ticket_number,
        'created_at', created_at) AS result
      FROM prepared_tickets WHERE ${ticketOf(partnerId, first.id)} ${refused}`;
}

/**
 * Creates the tickets of a batch with their lines, all or none; of a lenient batch, those without lines if the partner has
 * reached its quota of lines. Their numbers rise in the order of the tickets, and all have the same `created_at`. A batch
 * without a key gets one of its own for a minute, so that a write that is repeated after an ambiguous fault finds the
 * result of its first attempt.
 *
 * @param isRefused whether a ticket is not created, because an earlier call found that the quota of lines is reached.
 * @returns the tickets; if the key was used, as they were first returned, even if they were changed or deleted since.
 * @throws Problem `idempotencyKeyReused`; and `ticketQuotaExceeded` and `productLineQuotaExceeded` if the batch is not
 * lenient.
 */
export async function insertBatch(
  db: Database,
  batch: Batch,
  creation: Omit<Creation, 'eventId'>,
  isRefused: (ticket: NewTicket) => boolean = () => false,
): Promise<InsertedBatch> {
  const { partnerId, now } = creation;
  const { id, tickets, fingerprint, key, lenientRequestId } = batch;
  const space = key === undefined ? ('attempts' as const) : ('batches' as const);
  const use = { key: key ?? id, fingerprint, space, partnerId, now };
  const created = tickets.filter((ticket) => !isRefused(ticket));
  const { rows } = await db.write({
    ...creationStatements(created, use, creation),
    keepKey: keepKey(use, keptBatch(batch, isRefused, partnerId)),
    kept: keptKey<KeptBatch>(use),
    allowed: created.some(hasLines) ? selectMayCreate(partnerId) : undefined,
  });
  const [kept] = rows.kept;
  if (kept === undefined) {
    const problem = problemOfQuota(rows.allowed?.[0]);
    if (problem === 'ticketQuotaExceeded' || lenientRequestId === undefined) {
      throw new Problem(problem);
    }
    // Nothing is written yet, and the key is unused.
    return insertBatch(db, batch, creation, hasLines);
  }
  if (kept.fingerprint !== fingerprint) {
    throw new Problem('idempotencyKeyReused');
  }
  const first = resultOf(kept);
  const { first_number = 0, created_at = 0, ids } = first;
  let number = first_number;
  const rowOf = (ticket: NewTicket, index: number) => {
    const id = ids?.[index];
    return typeof id === 'string'
      ? { ...ticket, id, created_at, ticket_number: number++ }
      : undefined;
  };
  return {
    // An earlier attempt of this write has the same id.
    isReplay: first.batch !== id,
    rows: tickets.map(rowOf),
    problem: ids === undefined ? 'ticketQuotaExceeded' : 'productLineQuotaExceeded',
    requestId: first.refused_request ?? undefined,
  };
}
