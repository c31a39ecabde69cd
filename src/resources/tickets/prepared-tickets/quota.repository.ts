import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { type Owned, ownedSql } from '../../../db/owned.ts';
import type { PartnerId } from '../../../db/partner-id.ts';
import { ticketsOfRow } from '../buckets.repository.ts';
import { MAX_LINES } from '../product-line.ts';

/**
 * Enforces the quotas of each partner: the maximum numbers of prepared tickets, and of product lines on them, that it
 * can have at a time. The counts of a large partner are hundreds of rows, so no request adds them up. The cron trigger
 * does, and sets a column of the partners that have reached a quota.
 */

/** What a quota limits, as the log names it. */
type Resource = 'prepared_tickets' | 'product_lines';

/** A quota, as SQL for a row of `partners`. */
interface Quota {
  readonly resource: Resource;
  /** The column with the maximum number. */
  readonly max: SQL;
  /** The column with the time at which the partner was found to have reached it. */
  readonly fullAt: SQL;
  /** The index that holds the partners that have reached it, and no other one. */
  readonly index: SQL;
  /** Returns the condition that the partner has reached a maximum number. */
  readonly isReached: (max: SQL) => SQL;
}

/** The number of prepared tickets of the partner of a row of `partners`, as a scalar. It reads one row for each bucket. */
export const ticketsOfPartner = sql`(SELECT coalesce(sum(${ticketsOfRow}), 0) FROM ticket_counts
  WHERE partner_id = partners.id AND facet = 'all')`;

/**
 * The number of product lines of the partner of a row of `partners`, as a scalar. A line is one in the facet of its
 * product, so it reads one row for each product in each bucket.
 */
export const linesOfPartner = sql`(SELECT coalesce(sum(${ticketsOfRow}), 0) FROM ticket_counts
  WHERE partner_id = partners.id AND facet >= 'product:' AND facet < 'product;')`;

/** The quota of prepared tickets. */
export const ticketQuota: Quota = {
  resource: 'prepared_tickets',
  max: sql.raw('max_prepared_tickets'),
  fullAt: sql.raw('full_at'),
  index: sql.raw('partners_full'),
  isReached: (max) => sql`(${ticketsOfPartner} >= ${max})`,
};

/** The quota of product lines. */
export const lineQuota: Quota = {
  resource: 'product_lines',
  max: sql.raw('max_product_lines'),
  fullAt: sql.raw('lines_full_at'),
  index: sql.raw('partners_lines_full'),
  // A partner whose tickets cannot have that many lines costs no row of the counts of its products. Tickets from before
  // the limit can have more, and their surplus is overlooked until the partner has enough tickets.
  isReached: (max) =>
    sql`iif(${ticketsOfPartner} * ${MAX_LINES} < ${max}, 0, ${linesOfPartner} >= ${max})`,
};

/**
 * Returns the condition that a partner has not reached a quota. It stands in the statements of each write that the
 * quota limits and does not fail them, so that the replays and replacements beside them still take effect. The index
 * holds full partners only, so any other one costs no row read.
 */
const isWithin = ({ fullAt, index }: Quota, partnerId: PartnerId): Owned =>
  ownedSql`NOT EXISTS (SELECT 1 FROM partners INDEXED BY ${index}
    WHERE id = ${partnerId} AND ${fullAt} IS NOT NULL)`;

/** Returns the condition that a partner may create prepared tickets. */
export const mayCreate = (partnerId: PartnerId): Owned => isWithin(ticketQuota, partnerId);

/**
 * Returns the condition that a partner may add product lines. A write adds lines if a ticket has more of them after it
 * than before, so a write that replaces lines by as many others does not need it.
 */
export const mayAddLines = (partnerId: PartnerId): Owned => isWithin(lineQuota, partnerId);

/**
 * Returns the condition that the quota lets a ticket have lines: it has as many already, or the partner may add some.
 * The lines that it has are counted only if the partner may add none.
 *
 * @param lines how many lines the ticket is to have, as a value or an expression.
 * @param present the condition that selects the lines that it has; none, if the ticket is new.
 */
export const mayHaveLines = (partnerId: PartnerId, lines: number | SQL, present: Owned): Owned =>
  ownedSql`iif(${mayAddLines(partnerId)}, 1,
    ${lines} <= (SELECT count(*) FROM product_lines WHERE ${present}))`;

/** Returns the statement that tells whether the quota of tickets lets a refused creation be. */
export const selectMayCreate = (partnerId: PartnerId) =>
  ownedSql<{ readonly may_create: 0 | 1 }>`SELECT ${mayCreate(partnerId)} AS may_create`;

/** Returns the name of the problem of a creation that a quota refused. That of tickets is named first. */
export const problemOfQuota = (selected: { readonly may_create: 0 | 1 } | undefined) =>
  selected?.may_create === 1 ? 'productLineQuotaExceeded' : 'ticketQuotaExceeded';

/**
 * Returns the assignments that give the partner of a row of `partners` another maximum number, which take effect at once.
 *
 * @param now milliseconds since 1970.
 */
export const setQuota = ({ max, fullAt, isReached }: Quota, number: number, now: number): SQL =>
  sql`${max} = ${number},
    ${fullAt} = iif(${isReached(sql`${number}`)}, coalesce(${fullAt}, ${now}), NULL)`;

/** A partner that has reached a quota, or no longer does. */
export interface QuotaChange {
  readonly partner: PartnerId;
  readonly resource: Resource;
  readonly full: 0 | 1;
  readonly quota: number;
}

/** Returns the statement that notes which partners have reached a quota and which no longer do. */
const noteChanges = ({ resource, max, fullAt, isReached }: Quota, now: number) =>
  sql<QuotaChange>`UPDATE partners SET ${fullAt} = iif(${fullAt} IS NULL, ${now}, NULL)
    WHERE ${isReached(max)} <> (${fullAt} IS NOT NULL)
    RETURNING id AS partner, ${resource} AS resource, ${fullAt} IS NOT NULL AS "full", ${max} AS quota`;

/**
 * Finds out which partners have reached a quota and which no longer do, with one statement for each quota. It reads the
 * row of each partner and one row for each of its buckets twice, and the counts of the products of each partner that has
 * enough tickets for its quota of lines. It writes only the partners that change.
 *
 * @param now milliseconds since 1970.
 * @returns the partners that changed.
 */
export async function updateFullPartners(db: Database, now: number): Promise<QuotaChange[]> {
  const { rows } = await db.ofAllPartners.write({
    tickets: noteChanges(ticketQuota, now),
    lines: noteChanges(lineQuota, now),
  });
  return [...rows.tickets, ...rows.lines];
}
