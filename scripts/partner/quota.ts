import { sql } from 'drizzle-orm';
import {
  fullAt,
  ticketsOfPartner,
} from '../../src/resources/tickets/prepared-tickets/quota.repository.ts';
import { homeWith, placeOf } from './across-homes.ts';
import type { Context } from './context.ts';
import { type PartnerRow, partnerColumns, partnerNamed, requirePartner } from './rows.ts';
import { changed, type Outcome, partnerView } from './view.ts';

interface QuotaRow extends PartnerRow {
  /** How many prepared tickets the partner has. */
  readonly prepared_tickets: number;
}

/**
 * Shows how many prepared tickets a partner has and may have, or changes its quota. A change takes effect at once:
 * the command does not leave it to the cron trigger to compare the tickets with the new quota.
 *
 * @param quota the most prepared tickets that the partner may have; undefined leaves it as it is.
 * @throws NotPossible if no partner has that name.
 */
export async function showQuota(
  name: string,
  quota: number | undefined,
  context: Context,
): Promise<Outcome> {
  const db = await homeWith(partnerNamed(name), context);
  const { shown } = await db.write({
    change:
      quota === undefined
        ? undefined
        : sql<never>`UPDATE partners SET max_prepared_tickets = ${quota},
            full_at = ${fullAt(sql`${quota}`, context.now)} WHERE name = ${name}`,
    shown: sql<QuotaRow>`SELECT ${partnerColumns}, ${ticketsOfPartner} AS prepared_tickets
      FROM partners WHERE name = ${name}`,
  });
  const { prepared_tickets, ...row } = requirePartner(shown[0]) as QuotaRow;
  const heading = `In ${placeOf(db, context)}, the partner has ${prepared_tickets} prepared tickets and may have ${row.max_prepared_tickets}.`;
  const outcome = changed(heading, partnerView(db, row, {}));
  return { ...outcome, json: { ...outcome.json, prepared_tickets } };
}
