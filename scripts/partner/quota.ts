import { type SQL, sql } from 'drizzle-orm';
import {
  lineQuota,
  linesOfPartner,
  setQuota,
  ticketQuota,
  ticketsOfPartner,
} from '../../src/resources/tickets/prepared-tickets/quota.repository.ts';
import { homeWith, placeOf } from './across-homes.ts';
import type { Context } from './context.ts';
import { type PartnerRow, partnerColumns, partnerNamed, requirePartner } from './rows.ts';
import { changed, type Outcome, partnerView } from './view.ts';

interface QuotaRow extends PartnerRow {
  /** How many prepared tickets the partner has. */
  readonly prepared_tickets: number;
  /** How many product lines these have together. */
  readonly product_lines: number;
}

/** New quotas of a partner. One that is undefined stays as it is. */
interface NewQuotas {
  readonly tickets?: number;
  readonly lines?: number;
}

/**
 * Shows how many prepared tickets and product lines a partner has and may have, or changes its quotas. A change takes
 * effect at once: the command does not leave it to the cron trigger to compare the counts with the new quota.
 *
 * @throws NotPossible if no partner has that name.
 */
export async function showQuotas(
  name: string,
  { tickets, lines }: NewQuotas,
  context: Context,
): Promise<Outcome> {
  const db = await homeWith(partnerNamed(name), context);
  const change = (assignments: SQL) =>
    sql<never>`UPDATE partners SET ${assignments} WHERE name = ${name}`;
  const { shown } = await db.write({
    tickets:
      tickets === undefined ? undefined : change(setQuota(ticketQuota, tickets, context.now)),
    lines: lines === undefined ? undefined : change(setQuota(lineQuota, lines, context.now)),
    shown: sql<QuotaRow>`SELECT ${partnerColumns}, ${ticketsOfPartner} AS prepared_tickets,
        ${linesOfPartner} AS product_lines
      FROM partners WHERE name = ${name}`,
  });
  const { prepared_tickets, product_lines, ...row } = requirePartner(shown[0]) as QuotaRow;
  const heading = `In ${placeOf(db, context)}, the partner has ${prepared_tickets} prepared tickets and may have ${row.max_prepared_tickets}. They have ${product_lines} product lines and may have ${row.max_product_lines}.`;
  const outcome = changed(heading, partnerView(db, row, {}));
  return { ...outcome, json: { ...outcome.json, prepared_tickets, product_lines } };
}
