import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/client.ts';
import { type Owned, ownedJoin, ownedSql } from '../../db/owned.ts';
import { type AccessPath, accessPathsOf, conditionsOf } from './access-paths.repository.ts';
import { type Book, LINES_AS_JSON } from './books.repository.ts';
import { choice } from './matched-list.repository.ts';
import { isEmpty } from './period.ts';
import { type Selection, within } from './selections.repository.ts';

/**
 * Reads the tickets of a book in the order in which it received them. The place of a new ticket, which is its time in
 * the book and its number, is after that of every other ticket of the partner and never changes. So no ticket is ever
 * inserted before a place in this order, whatever is created, picked up or deleted meanwhile.
 */

/** The maximum number of tickets that one round trip reads. */
const TICKETS_PER_READ = 1000;

/** The place of a ticket in the order. */
interface Place {
  /** The time in the book, in milliseconds since 1970, UTC. */
  readonly at: number;
  readonly number: number;
}

/** A ticket at its place, with its lines as JSON or without them. */
export type ExportedRow<Row> = Row & Place & { readonly product_lines: string | null };

/** The tickets to export. */
export interface ExportSelection<Row = unknown> extends Selection<Row> {
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
function spansBetween(book: Book, after: Place | undefined, until: Place | undefined): SQL[] {
  const { time } = book;
  if (after !== undefined && after.at === until?.at) {
    return [
      sql`${time} = ${after.at} AND ticket_number > ${after.number} AND ticket_number <= ${until.number}`,
    ];
  }
  const between = within(book, { from: after && after.at + 1, to: until?.at });
  return [
    ...(after ? [sql`${time} = ${after.at} AND ticket_number > ${after.number}`] : []),
    between,
    ...(until ? [sql`${time} = ${until.at} AND ticket_number <= ${until.number}`] : []),
  ];
}

/**
 * Returns a SELECT of the tickets that a path finds, in the order of its index, so that nothing is kept or sorted.
 *
 * @param columns the columns of the ticket, after `at` and `number`, its place.
 */
function tickets(selection: ExportSelection, path: AccessPath, cut: Cut, columns = sql``): Owned {
  const { book, partnerId, period, after } = selection;
  const { tickets: table, time } = book;
  const { until, direction = 'ASC', limit, offset = 0 } = cut;
  const { entries, condition, areTickets } = path;
  const others = conditionsOf(selection, path);
  const spans = spansBetween(book, after, until).map((span) => {
    const own = ownedSql`${condition} AND ${within(book, period)} AND ${span}`;
    return areTickets
      ? ownedSql`SELECT ${time} AS at, ticket_number AS number${columns} FROM ${entries} WHERE ${own} AND ${others}`
      : ownedSql`SELECT at, number${columns}
          FROM (SELECT ${time} AS at, ticket_number AS number FROM ${entries} WHERE ${own})
          CROSS JOIN ${table} ON ${table}.partner_id = ${partnerId} AND ${table}.ticket_number = number
          WHERE ${others}`;
  });
  const order = sql.raw(direction);
  return ownedSql`${ownedJoin(spans, sql` UNION ALL `)}
    ORDER BY at ${order}, number ${order} LIMIT ${limit} OFFSET ${offset}`;
}

/** A place at an end of a page, and the name of the path that found it. */
interface Found extends Place {
  readonly path: string;
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
      until: { at: last.at, number: last.number },
      isLast: end[1] === undefined,
    }
  );
}

/**
 * Returns the lines of a ticket as a JSON column, ordered by product: the search in the key of the lines finds them in
 * this order. An ORDER BY would double the time, because SQLite would sort the lines of each ticket again.
 */
const linesColumn = ({ tickets: table, lines }: Book) =>
  sql`(SELECT ${LINES_AS_JSON} FROM ${lines} WHERE ${lines}.partner_id = ${table}.partner_id
      AND ${lines}.ticket_number = ${table}.ticket_number) AS product_lines`;

/**
 * Reads the tickets of a page in parts, each in a round trip of its own when the caller asks for it.
 *
 * @param hasLines whether the rows have their product lines.
 */
export async function* readPage<Row>(
  db: Database,
  selection: ExportSelection<Row>,
  { path, until }: ExportPage,
  hasLines: boolean,
): AsyncGenerator<ExportedRow<Row>[], void, void> {
  const { book } = selection;
  const columns = sql`, ${book.columns}, ${hasLines ? linesColumn(book) : sql`NULL AS product_lines`}`;
  let last: Place | undefined = selection.after;
  while (last?.number !== until.number) {
    const cut = { until, limit: TICKETS_PER_READ };
    const part = tickets({ ...selection, after: last }, path, cut, columns);
    db.renewDeadline();
    const { rows } = await db.readPrimary({ rows: ownedSql<ExportedRow<Row>>`${part}` });
    yield rows;
    if (rows.length < TICKETS_PER_READ) {
      return;
    }
    last = rows.at(-1);
  }
}
