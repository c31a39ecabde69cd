import { getTableColumns, getTableName, type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import {
  pickedUpCounts,
  preparedTickets,
  productLines,
  ticketCounts,
  ticketLines,
  tickets,
} from '../../db/schema.ts';

/**
 * A table of tickets and the table of its counts. The tickets of a partner are in the order of one
 * time, and their buckets are spans of that time.
 */
export interface Book<Row = unknown> {
  /** The names in the SQL of operators and bulk loads. */
  readonly names: Readonly<Record<'tickets' | 'time' | 'lines' | 'counts', string>>;
  /** The table of the tickets. */
  readonly tickets: SQL;
  /** The column of the tickets that decides about their order and their bucket. */
  readonly time: SQL;
  /**
   * Whether no two tickets of a partner receive the same time. Prepared tickets with the same time are in the order in
   * which they came, because their numbers are. Picked-up tickets are not: a lower number can be picked up later.
   */
  readonly hasUniqueTimes: boolean;
  /** The table of the product lines. */
  readonly lines: SQL;
  /** The table of the counts. */
  readonly counts: SQL;
  /** A FROM clause of the tickets whose index has those of a partner in order of time. */
  readonly entries: SQL;
  /** The columns of the tickets except `partner_id`, for a SELECT that returns rows of type `Row`. */
  readonly columns: SQL<Row>;
}

/** A row of a table of tickets without `partner_id`. */
type RowOf<T extends SQLiteTable> = Omit<T['$inferSelect'], 'partner_id'>;

/**
 * Returns a book.
 *
 * @param newest the name of the index on the partner and the time.
 */
function bookOf<T extends SQLiteTable>(
  table: T,
  column: SQLiteColumn,
  others: { readonly lines: SQLiteTable; readonly counts: SQLiteTable },
  { newest, hasUniqueTimes }: { readonly newest: string; readonly hasUniqueTimes: boolean },
): Book<RowOf<T>> {
  const names = {
    tickets: getTableName(table),
    time: column.name,
    lines: getTableName(others.lines),
    counts: getTableName(others.counts),
  };
  const columns = Object.keys(getTableColumns(table)).filter((name) => name !== 'partner_id');
  return {
    names,
    tickets: sql.raw(names.tickets),
    time: sql.raw(names.time),
    hasUniqueTimes,
    lines: sql.raw(names.lines),
    counts: sql.raw(names.counts),
    entries: sql.raw(`${names.tickets} INDEXED BY ${newest}`),
    columns: sql.raw(columns.map((name) => `${names.tickets}.${name}`).join(', ')) as SQL<RowOf<T>>,
  };
}

/** Prepared tickets, in the order of their creation. */
export const preparedBook = bookOf(
  preparedTickets,
  preparedTickets.created_at,
  { lines: productLines, counts: ticketCounts },
  { newest: 'prepared_tickets_newest', hasUniqueTimes: false },
);

/** Picked-up tickets, in the order in which they were picked up. */
export const pickedUpBook = bookOf(
  tickets,
  tickets.picked_up_at,
  { lines: ticketLines, counts: pickedUpCounts },
  { newest: 'tickets_newest', hasUniqueTimes: true },
);

/** The lines of a ticket as a JSON list of `product_id` and `quantity`, in a SELECT of these lines in this order. */
export const LINES_AS_JSON = sql<string>`json_group_array(json_object('product_id', product_id, 'quantity', quantity))`;
