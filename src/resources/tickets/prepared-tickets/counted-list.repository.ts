import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import type { Page } from '../../../http/requests/pagination.ts';
import type { AccessPath } from './access-paths.repository.ts';
import { DAY, dayOf, sumOfDays, ticketsOfDay } from './day-counts.repository.ts';
import type { Period } from './filters.ts';
import { type PreparedTicketRow, ticketColumnList, within } from './ticket-columns.repository.ts';

/**
 * Lists by what is counted day by day: the total is a sum over days, and an offset is found by adding
 * up days, newest first, until the one in which it falls. Only the days at the two ends of a period
 * are counted ticket by ticket, from the nearer end of the day.
 */

/** An access path whose matches are counted. */
export type CountedPath = AccessPath & { readonly facet: string };

/** A partner's counted path in a period. */
export interface Stretch {
  readonly partnerId: number;
  readonly path: CountedPath;
  readonly period: Period;
}

function countEntries({ entries, condition }: CountedPath, period: Period): SQL {
  return sql`(SELECT count(*) FROM ${entries} WHERE ${condition} AND ${within(period)})`;
}

/** How many entries of the day of `time` come before it. */
function entriesBefore({ partnerId, path }: Stretch, time: number): SQL {
  const start = dayOf(time) * DAY;
  if (time === start) {
    return sql`0`;
  }
  return time - start <= DAY / 2
    ? countEntries(path, { from: start, to: time })
    : sql`(${ticketsOfDay(partnerId, path.facet, dayOf(time))}
        - ${countEntries(path, { from: time, to: start + DAY })})`;
}

/** How many entries of the day of `time` come at it or after it. */
function entriesFrom({ partnerId, path }: Stretch, time: number): SQL {
  const start = dayOf(time) * DAY;
  return time - start > DAY / 2
    ? countEntries(path, { from: time, to: start + DAY })
    : sql`(${ticketsOfDay(partnerId, path.facet, dayOf(time))}
        - ${countEntries(path, { from: start, to: time })})`;
}

/** How many entries of the period's last day come after the period. */
function entriesAfter(stretch: Stretch): SQL {
  const { to } = stretch.period;
  return to === undefined || to % DAY === 0 ? sql`0` : entriesFrom(stretch, to);
}

function totalOf(stretch: Stretch): SQL {
  const { partnerId, path, period } = stretch;
  const { from, to } = period;
  if (from !== undefined && to !== undefined && dayOf(from) === dayOf(to - 1)) {
    return countEntries(path, period);
  }
  const before = from === undefined ? sql`0` : entriesBefore(stretch, from);
  return sql`${sumOfDays(partnerId, path.facet, period)} - ${before} - ${entriesAfter(stretch)}`;
}

/** The tickets of a part of the path's entries, newest first. */
function tickets(
  { entries, condition, areTickets }: CountedPath,
  part: SQL,
  limit: number,
  offset: SQL,
) {
  const found = sql`FROM ${entries} WHERE ${condition} AND ${part}
    ORDER BY created_at DESC, ticket_number DESC LIMIT ${limit} OFFSET ${offset}`;
  return areTickets
    ? sql`SELECT ${ticketColumnList} ${found}`
    : sql`SELECT ${ticketColumnList} FROM (SELECT ticket_number, created_at ${found}) AS entry
        CROSS JOIN prepared_tickets ON prepared_tickets.ticket_number = entry.ticket_number
        ORDER BY entry.created_at DESC, entry.ticket_number DESC`;
}

/**
 * A page that starts beyond the first entry. `start` is the day in which the offset falls, and how
 * many entries of the period come before that day; without such a day the page is empty.
 */
function seekPage(stretch: Stretch, { limit, offset }: Page): SQL {
  const { partnerId, path, period } = stretch;
  const lastDay = period.to === undefined ? null : dayOf(period.to - 1);
  const firstDay = period.from === undefined ? 0 : dayOf(period.from);
  const endOfDay = sql`((SELECT day FROM start) + 1) * ${sql.raw(String(DAY))}`;
  // One upper bound: of two, SQLite seeks with the first and tests the other at each entry.
  const end = period.to === undefined ? endOfDay : sql`min(${period.to}, ${endOfDay})`;
  const part = sql`${within({ from: period.from, to: undefined })} AND created_at < ${end}`;
  const rest = sql`coalesce((SELECT ${offset} - iif(day IS ${lastDay}, 0, before) FROM start), 0)`;
  return sql`WITH start AS MATERIALIZED (
      SELECT day, through - tickets - after AS before
      FROM (SELECT ${entriesAfter(stretch)} AS after) CROSS JOIN (
        SELECT day, tickets, sum(tickets) OVER (ORDER BY day DESC) AS through
        FROM day_counts
        WHERE partner_id = ${partnerId} AND facet = ${path.facet}
          AND day BETWEEN ${firstDay} AND ${lastDay ?? Number.MAX_SAFE_INTEGER})
      WHERE through > ${offset} + after
      ORDER BY day DESC LIMIT 1)
    ${tickets(path, part, limit, rest)}`;
}

/** One page of the tickets of a stretch, newest first, and how many there are. */
export async function listByCounts(
  db: Database,
  stretch: Stretch,
  page: Page,
): Promise<{ rows: PreparedTicketRow[]; total: number }> {
  const { path, period } = stretch;
  const rows =
    page.offset === 0 ? tickets(path, within(period), page.limit, sql`0`) : seekPage(stretch, page);
  const {
    found,
    counted: [counted],
  } = await db.read({
    found: sql<PreparedTicketRow>`${rows}`,
    counted: sql<{ total: number }>`SELECT ${totalOf(stretch)} AS total`,
  });
  return { rows: found, total: counted?.total ?? 0 };
}
