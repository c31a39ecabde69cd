import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import {
  type AccessPath,
  accessPathsOf,
  conditionsOf,
} from '../prepared-tickets/access-paths.repository.ts';
import { isEmpty, type PreparedTicketFilters, periodOf } from '../prepared-tickets/filters.ts';
import { choice } from '../prepared-tickets/matched-list.repository.ts';
import {
  type PreparedTicketRow,
  ticketColumnList,
  within,
} from '../prepared-tickets/ticket-columns.repository.ts';

/**
 * Reads tickets oldest first. `created_at` and number of a new ticket are above those of every other
 * ticket of the partner and never change, so a place between two tickets stays one, whatever is created
 * or deleted meanwhile, and nothing is ever inserted before it.
 */

/** Tickets that one round trip reads. */
const TICKETS_PER_READ = 1000;

/** The place of a ticket in the order. */
export interface Place {
  /** Milliseconds since 1970, UTC. */
  readonly created_at: number;
  readonly ticket_number: number;
}

/** A ticket with its lines as JSON, or without them. */
export type ExportedRow = PreparedTicketRow & { readonly product_lines: string | null };

/** Which tickets are exported. */
export interface Selection {
  readonly partnerId: number;
  readonly filters: PreparedTicketFilters;
  /** The place that they come after; undefined for the beginning. */
  readonly after: Place | undefined;
}

/** Tickets of a selection up to a place, found by one path. */
export interface ExportPage {
  readonly path: AccessPath;
  /** The place of the last ticket. */
  readonly until: Place;
  /** Whether no ticket comes after the page. */
  readonly isLast: boolean;
}

/** What bounds a query: places, a direction, and how many rows it has. */
interface Cut {
  readonly until?: Place;
  readonly direction?: 'ASC' | 'DESC';
  readonly limit: SQL | number;
  readonly offset?: number;
}

/** The tickets that a path finds, in the order of its index, so that nothing is kept or sorted. */
function tickets(selection: Selection, path: AccessPath, columns: SQL, cut: Cut): SQL {
  const { partnerId, filters, after } = selection;
  const { until, direction = 'ASC', limit, offset = 0 } = cut;
  const { entries, condition, areTickets } = path;
  const own = sql.join(
    [
      condition,
      within(periodOf(filters)),
      ...(after
        ? [sql`(created_at, ticket_number) > (${after.created_at}, ${after.ticket_number})`]
        : []),
      ...(until
        ? [sql`(created_at, ticket_number) <= (${until.created_at}, ${until.ticket_number})`]
        : []),
    ],
    sql` AND `,
  );
  const others = conditionsOf(partnerId, filters, path);
  const order = sql.raw(direction);
  const rows = sql`LIMIT ${limit} OFFSET ${offset}`;
  return areTickets
    ? sql`SELECT ${columns} FROM ${entries} WHERE ${own} AND ${others}
        ORDER BY created_at ${order}, ticket_number ${order} ${rows}`
    : sql`SELECT ${columns}
        FROM (SELECT created_at AS entry_time, ticket_number AS entry_number FROM ${entries} WHERE ${own})
        CROSS JOIN prepared_tickets ON prepared_tickets.ticket_number = entry_number
        WHERE ${others} ORDER BY entry_time ${order}, entry_number ${order} ${rows}`;
}

const placeColumns = sql`prepared_tickets.created_at, prepared_tickets.ticket_number`;

/** One of the places that decide about a page, and the name of the path that found it. */
type Found = Place & { readonly kind: 'end' | 'newest'; readonly path: string };

/**
 * Finds the page of at most `limit` tickets that follows a place, in one round trip. It reads from the
 * primary, for a replica that lags behind would take its own newest ticket for the last one.
 *
 * @returns undefined when no ticket follows.
 */
export async function findPage(
  db: Database,
  selection: Selection,
  limit: number,
): Promise<ExportPage | undefined> {
  const { partnerId, filters } = selection;
  const period = periodOf(filters);
  if (isEmpty(period)) {
    return undefined;
  }
  const paths = accessPathsOf(partnerId, filters);
  const isChoice = paths.length > 1;
  /** As many rows, or none from a path that is not chosen. */
  const ofChosen = (rows: number, { name }: AccessPath) =>
    isChoice ? sql`coalesce((SELECT ${rows} FROM choice WHERE path = ${name}), 0)` : rows;
  const places = paths.flatMap((path) => {
    const found = (kind: Found['kind'], cut: Cut) =>
      sql`SELECT ${kind} AS kind, ${path.name} AS path, created_at, ticket_number
        FROM (${tickets(selection, path, placeColumns, cut)})`;
    return [
      found('end', { limit: ofChosen(2, path), offset: limit - 1 }),
      found('newest', { limit: ofChosen(1, path), direction: 'DESC' }),
    ];
  });
  const { rows } = await db.readPrimary({
    rows: sql<Found>`${isChoice ? choice(partnerId, paths, period) : sql``}
      ${sql.join(places, sql` UNION ALL `)}`,
  });
  const [end, following] = rows.filter(({ kind }) => kind === 'end');
  const until = end ?? rows.find(({ kind }) => kind === 'newest');
  const path = paths.find(({ name }) => name === until?.path);
  return until && path && { path, until, isLast: following === undefined };
}

const linesColumn = sql`(SELECT json_group_array(json_object('product_id', product_id, 'quantity', quantity))
  FROM product_lines WHERE product_lines.ticket_number = prepared_tickets.ticket_number) AS product_lines`;

/**
 * Reads the tickets of a page in parts, each in a round trip of its own, and none before it is asked for.
 *
 * @param hasLines whether the rows have their product lines.
 */
export async function* readPage(
  db: Database,
  selection: Selection,
  { path, until }: ExportPage,
  hasLines: boolean,
): AsyncGenerator<ExportedRow[], void, void> {
  const columns = sql`${ticketColumnList}, ${hasLines ? linesColumn : sql`NULL AS product_lines`}`;
  let last: Place | undefined = selection.after;
  while (last?.ticket_number !== until.ticket_number) {
    const cut = { until, limit: TICKETS_PER_READ };
    const part = tickets({ ...selection, after: last }, path, columns, cut);
    db.renewDeadline();
    const { rows } = await db.readPrimary({ rows: sql<ExportedRow>`${part}` });
    yield rows;
    if (rows.length < TICKETS_PER_READ) {
      return;
    }
    last = rows.at(-1);
  }
}
