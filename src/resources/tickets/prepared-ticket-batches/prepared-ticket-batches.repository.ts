import { sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { recordEvents } from '../../../db/events.ts';
import {
  type IdempotencyKey,
  isUnused,
  type KeptKey,
  type KeyUse,
  keepKey,
  keptKey,
  resultOf,
} from '../../../db/idempotency.ts';
import { preparedBook } from '../books.repository.ts';
import { addToCounts, newestPlace, reservedTime, reserveTickets } from '../buckets.repository.ts';
import type {
  Creation,
  NewPreparedTicketRow,
} from '../prepared-tickets/prepared-tickets.repository.ts';
import {
  ofPartner,
  type PreparedTicketRow,
} from '../prepared-tickets/ticket-columns.repository.ts';
import { facets } from '../prepared-tickets/ticket-counts.repository.ts';

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
}

export type InsertedBatch =
  | {
      readonly outcome: 'created' | 'replayed';
      readonly rows: readonly Omit<PreparedTicketRow, 'version'>[];
    }
  | { readonly outcome: 'key-reused' };

/** What an idempotency key stores of a batch. Together with the values of the request, it reproduces the response. */
interface KeptBatch {
  readonly batch: string;
  /** The number of the first ticket; those of the others follow it without a gap. */
  readonly first_number: number;
  /** Of all tickets, in milliseconds since 1970. */
  readonly created_at: number;
  readonly ids: readonly string[];
}

/** Returns the number of tickets for each facet except `all`. */
function facetsOf(tickets: readonly NewTicket[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { customer_id, vin, product_lines } of tickets) {
    const names = [
      facets.customer(customer_id),
      ...(vin === null ? [facets.noVin] : []),
      ...product_lines.map(({ product_id }) => facets.product(product_id)),
    ];
    for (const name of names) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return counts;
}

/**
 * Returns the statements that write the tickets of a batch with their lines, counts and events, unless its key
 * was used. Each set of rows is one JSON text, for D1 binds a hundred values at most.
 */
function creationStatements({ tickets }: Batch, use: KeyUse, creation: Omit<Creation, 'eventId'>) {
  const { partnerId, now } = creation;
  const [first] = tickets;
  if (first === undefined) {
    return {};
  }
  const condition = isUnused(use);
  // No row is read for a replay, as one would be for each item if the condition stood in WHERE.
  const each = (rows: readonly unknown[]) =>
    sql`json_each(iif(${condition}, ${JSON.stringify(rows)}, '[]'))`;
  const firstTicket = sql`(SELECT ticket_number, partner_id, created_at FROM prepared_tickets
    WHERE ${ofPartner(partnerId, first.id)})`;
  const lines = tickets.flatMap(({ product_lines }, index) =>
    product_lines.map(({ product_id, quantity }) => [index, product_id, quantity]),
  );
  return {
    reserve: reserveTickets(preparedBook, creation, tickets.length, condition),
    count: addToCounts(
      preparedBook,
      partnerId,
      newestPlace(preparedBook, partnerId),
      sql`SELECT value ->> 0 AS facet, value ->> 1 AS tickets FROM ${each([...facetsOf(tickets)])}`,
    ),
    // SQLite numbers the rows of one INSERT consecutively, in the order of the SELECT.
    insert: sql<never>`INSERT INTO prepared_tickets (id, partner_id, created_at, customer_id,
        vehicle_model_id, vin, voucher_code, preparer_external_reference)
      SELECT value ->> 'id', ${partnerId}, ${reservedTime(preparedBook, partnerId)}, value ->> 'customer_id',
        value ->> 'vehicle_model_id', value ->> 'vin', value ->> 'voucher_code',
        value ->> 'preparer_external_reference'
      FROM ${each(tickets)} ORDER BY key`,
    record: recordEvents(
      creation,
      'prepared_ticket.created',
      sql`SELECT key AS position, value ->> 'event_id' AS event_id, value ->> 'id' AS id,
          first.ticket_number + key AS ticket_number, 1 AS version
        FROM ${firstTicket} AS first CROSS JOIN ${each(tickets)}`,
    ),
    insertLines:
      lines.length === 0
        ? undefined
        : sql<never>`INSERT INTO product_lines (ticket_number, product_id, partner_id, created_at,
              quantity, version)
            SELECT first.ticket_number + (value ->> 0), value ->> 1, first.partner_id,
              first.created_at, value ->> 2, cast(${now} AS INTEGER)
            FROM ${firstTicket} AS first
              CROSS JOIN ${each(lines)}`,
  };
}

/** What the key of a batch keeps, as a SELECT of `result`. */
function createdBatch({ id, tickets }: Batch, partnerId: number) {
  const ids = JSON.stringify(tickets.map((ticket) => ticket.id));
  const [first] = tickets;
  return first === undefined
    ? sql`SELECT json_object('batch', ${id}, 'ids', json('[]')) AS result`
    : sql`SELECT json_object('batch', ${id}, 'first_number', ticket_number,
          'created_at', created_at, 'ids', json(${ids})) AS result
        FROM prepared_tickets WHERE ${ofPartner(partnerId, first.id)}`;
}

/**
 * Writes the tickets of a batch with their lines, all or none, unless the partner used the key of the
 * request within its lifetime. Numbers rise in the order of the tickets, which all have one
 * `created_at`. A batch without a key gets one of its own for a minute, so that a write which is run
 * again after an ambiguous fault finds what its first run did.
 *
 * @returns the tickets as they were first returned, also when they have changed or been deleted since.
 */
export async function insertBatch(
  db: Database,
  batch: Batch,
  creation: Omit<Creation, 'eventId'>,
): Promise<InsertedBatch> {
  const { partnerId, now } = creation;
  const { id, tickets, fingerprint, key } = batch;
  const space = key === undefined ? ('attempts' as const) : ('batches' as const);
  const once: IdempotencyKey = { key: key ?? id, fingerprint };
  const use = { ...once, space, partnerId, now };
  const { rows } = await db.write({
    ...creationStatements(batch, use, creation),
    keepKey: keepKey(use, createdBatch(batch, partnerId)),
    kept: keptKey<KeptBatch>(use),
  });
  const kept = rows.kept[0] as KeptKey<KeptBatch>;
  if (kept.fingerprint !== fingerprint) {
    return { outcome: 'key-reused' };
  }
  const first = resultOf(kept);
  return {
    // It is also created when an earlier attempt of this very write inserted it.
    outcome: first.batch === id ? 'created' : 'replayed',
    rows: tickets.map((ticket, index) => ({
      ...ticket,
      id: first.ids[index] as string,
      created_at: first.created_at,
      ticket_number: first.first_number + index,
    })),
  };
}
