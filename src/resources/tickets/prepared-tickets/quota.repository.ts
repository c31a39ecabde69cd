import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { type Owned, ownedSql } from '../../../db/owned.ts';
import type { PartnerId } from '../../../db/partner-id.ts';
import { ticketsOfRow } from '../buckets.repository.ts';

/**
 * Enforces the quota of each partner: the maximum number of prepared tickets that it can have at a time. The counts of a large
 * partner are hundreds of rows, so no request adds them up. The cron trigger does, and sets `full_at` on the
 * partners that have reached their quota.
 */

/**
 * Returns the condition that a partner may create prepared tickets. It stands in the statements of each creation
 * and does not fail them, so that the replays and replacements beside them still take effect. The index holds
 * full partners only, so any other one costs no row read.
 */
export const mayCreate = (partnerId: PartnerId): Owned =>
  ownedSql`NOT EXISTS (SELECT 1 FROM partners INDEXED BY partners_full
    WHERE id = ${partnerId} AND full_at IS NOT NULL)`;

/** The number of prepared tickets of the partner of a row of `partners`, as a scalar. It reads one row for each bucket. */
export const ticketsOfPartner = sql`(SELECT coalesce(sum(${ticketsOfRow}), 0) FROM ticket_counts
  WHERE partner_id = partners.id AND facet = 'all')`;

/**
 * Returns when a partner became full, as a scalar for a row of `partners`; NULL if it has fewer tickets than its quota.
 *
 * @param quota the maximum number of prepared tickets of the partner.
 * @param now milliseconds since 1970.
 */
export const fullAt = (quota: SQL, now: number): SQL =>
  sql`iif(${ticketsOfPartner} >= ${quota}, coalesce(full_at, ${now}), NULL)`;

/** A partner that has reached its quota, or no longer does. */
export interface QuotaChange {
  readonly partner: PartnerId;
  readonly full: 0 | 1;
  readonly quota: number;
}

/**
 * Finds out which partners have reached their quota and which no longer do. It reads the row of each partner,
 * one row for each of its buckets, and writes only the partners that change.
 *
 * @param now milliseconds since 1970.
 * @returns the partners that changed.
 */
export async function updateFullPartners(db: Database, now: number): Promise<QuotaChange[]> {
  const quota = sql`max_prepared_tickets`;
  const { rows } = await db.ofAllPartners.write({
    changed: sql<QuotaChange>`UPDATE partners SET full_at = iif(full_at IS NULL, ${now}, NULL)
      WHERE (${ticketsOfPartner} >= ${quota}) <> (full_at IS NOT NULL)
      RETURNING id AS partner, full_at IS NOT NULL AS "full", ${quota} AS quota`,
  });
  return rows.changed;
}
