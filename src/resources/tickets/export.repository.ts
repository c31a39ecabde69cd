import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { type Owned, ownedJoin, ownedSql } from '../../../db/owned.ts';
import { type AccessPath, accessPathsOf, conditionsOf } from '../access-paths.repository.ts';
import { preparedBook } from '../books.repository.ts';
import { choice } from '../matched-list.repository.ts';
import { isEmpty } from '../period.ts';
import {
  isItsLine,
  type PreparedTicketRow,
  ticketColumnList,
} from '../prepared-tickets/ticket-columns.repository.ts';
import { type Selection, within } from '../selections.repository.ts';

/**
 * Reads tickets oldest first. The time and the number of a new ticket are above those of every other ticket of the
 * partner and never change. So no ticket is ever inserted before a place in this order, whatever is created or
 * deleted meanwhile.
 */

/** The maximum number of tickets that one round trip reads. */
const TICKETS_PER_READ = 1000;

/** The place of a ticket in the order. */
interface Place {
  /** Milliseconds since 1970, UTC. */
  readonly created_at: number;
  readonly ticket_number: number;
}

/** A ticket with its lines as JSON, or without them. */
export type ExportedRow = PreparedTicketRow & { readonly product_lines: string | null };

/** The tickets to export. */
export interface ExportSelection extends Selection {
  /** The place after which they begin; undefined for the beginning. */
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

/** The bounds of a query. */
interface Cut {
  readonly until?: Place;
  readonly direction?: 'ASC' | 'DESC';
  readonly limit: SQL | number;
  readonly offset?: number;
}

/**
 * Returns the conditions on entries between two places, in order. SQLite seeks by the number only if the time is
 * one value, and a migration can give many tickets the same time. So the tickets with the time of the first place
 * and those with the time of the last place have conditions of their own.
 */
function spansBetween(after: Place | undefined, until: Place | undefined): SQL[] {
  if (after !== undefined && after.created_at === until?.created_at) {
    return [
      sql`created_at = ${after.created_at} AND ticket_number > ${after.ticket_number}
        AND ticket_number <= ${until.ticket_number}`,
    ];
  }
  const between = within(preparedBook, {
    from: after && after.created_at + 1,
    to: until?.created_at,
  });
  return [
    ...(after
      ? [sql`created_at = ${after.created_at} AND ticket_number > ${after.ticket_number}`]
      : []),
    between,
    ...(until
      ? [sql`created_at = ${until.created_at} AND ticket_number <= ${until.ticket_number}`]
      : []),
  ];
}

/**
 * Returns a SELECT of the tickets that a path finds, in the order of its index, so that nothing is kept or sorted.
 *
 * @param columns the columns of prepared_tickets, after `at` and `number`, the place of the ticket.
 */
function tickets(selection: ExportSelection, path: AccessPath, cut: Cut, columns = sql``): Owned {
  const { partnerId, period, after } = selection;
  const { until, direction = 'ASC', limit, offset = 0 } = cut;
  const { entries, condition, areTickets } = path;
  const others = conditionsOf(selection, path);
  const spans = spansBetween(after, until).map((span) => {
    const own = ownedSql`${condition} AND ${within(preparedBook, period)} AND ${span}`;
    return areTickets
      ? ownedSql`SELECT created_at AS at, ticket_number AS number${columns} FROM ${entries} WHERE ${own} AND ${others}`
      : ownedSql`SELECT at, number${columns}
          FROM (SELECT created_at AS at, ticket_number AS number FROM ${entries} WHERE ${own})
          CROSS JOIN prepared_tickets ON prepared_tickets.partner_id = ${partnerId}
            AND prepared_tickets.ticket_number = number WHERE ${others}`;
  });
  const order = sql.raw(direction);
  return ownedSql`${ownedJoin(spans, sql` UNION ALL `)}
    ORDER BY at ${order}, number ${order} LIMIT ${limit} OFFSET ${offset}`;
}

/** A place at an end of a page, and the name of the path that found it. */
interface Found {
  readonly path: string;
  readonly at: number;
  readonly number: number;
}

/**
 * Finds the page of at most `limit` tickets that follows a place, in one round trip. It reads at the
 * primary, because a replica that lags behind would take its own newest ticket for the last one.
 *
 * @returns undefined when no ticket follows.
 */
export async function findPage(
  db: Database,
  selection: ExportSelection,
  limit: number,
): Promise<ExportPage | undefined> {
  if (isEmpty(selection.period)) {
    return undefined;
  }
  const paths = accessPathsOf(selection);
  const isChoice = paths.length > 1;
  const choose = isChoice ? choice(selection, paths) : sql``;
  /** Returns a SELECT of the first rows of the chosen path. The other paths find none. */
  const placesOf = (rows: number, cut: Omit<Cut, 'limit'>) => {
    const places = paths.map((path) => {
      const ofChosen = sql`coalesce((SELECT ${rows} FROM choice WHERE path = ${path.name}), 0)`;
      const all = { ...cut, limit: isChoice ? ofChosen : rows };
      return ownedSql`SELECT ${path.name} AS path, at, number FROM (${tickets(selection, path, all)})`;
    });
    return ownedSql<Found>`${choose} ${ownedJoin(places, sql` UNION ALL `)}`;
  };
  const { end, newest } = await db.readPrimary({
    end: placesOf(2, { offset: limit - 1 }),
    newest: placesOf(1, { direction: 'DESC' }),
  });
  const last = end[0] ?? newest[0];
  const path = paths.find(({ name }) => name === last?.path);
  return (
    last &&
    path && {
      path,
      until: { created_at: last.at, ticket_number: last.number },
      isLast: end[1] === undefined,
    }
  );
}

const linesColumn = sql`(SELECT json_group_array(json_object('product_id', product_id, 'quantity', quantity))
  FROM product_lines WHERE ${isItsLine}) AS product_lines`;

/**
 * Reads the tickets of a page in parts, each in a round trip of its own when the caller asks for it.
 *
 * @param hasLines whether the rows have their product lines.
 */
export async function* readPage(
  db: Database,
  selection: ExportSelection,
  { path, until }: ExportPage,
  hasLines: boolean,
): AsyncGenerator<ExportedRow[], void, void> {
  const columns = sql`, ${ticketColumnList}, ${hasLines ? linesColumn : sql`NULL AS product_lines`}`;
  let last: Place | undefined = selection.after;
  while (last?.ticket_number !== until.ticket_number) {
    const cut = { until, limit: TICKETS_PER_READ };
    const part = tickets({ ...selection, after: last }, path, cut, columns);
    db.renewDeadline();
    const { rows } = await db.readPrimary({ rows: ownedSql<ExportedRow>`${part}` });
    yield rows;
    if (rows.length < TICKETS_PER_READ) {
      return;
    }
    last = rows.at(-1);
  }
}
