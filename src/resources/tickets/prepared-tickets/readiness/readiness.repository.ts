import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../../db/client.ts';
import { ownedSql } from '../../../../db/owned.ts';
import type { PartnerId } from '../../../../db/partner-id.ts';
import { openString } from '../../../../open-string.ts';
import { missingTicket } from '../missing-ticket.repository.ts';
import { isItsLine, ticketOf } from '../ticket-columns.repository.ts';

/** What a prepared ticket can lack to be picked up, in the order in which responses list it. */
export const missingParts = ['vin', 'product_lines'] as const;

/** A part in a response. */
export const missingPart = openString(
  missingParts,
  'A part that the prepared ticket lacks: `vin` or `product_lines`. More parts may be added.',
);

export type MissingPart = (typeof missingParts)[number];

/** The condition under which a row of `prepared_tickets` lacks a part. */
const lacks: { readonly [Part in MissingPart]: SQL } = {
  vin: sql`vin IS NULL`,
  product_lines: sql`NOT EXISTS (SELECT 1 FROM product_lines WHERE ${isItsLine})`,
};

/** A column for each part, which tells whether a ticket lacks it. */
export type Lacking = { readonly [Part in MissingPart as `lacks_${Part}`]: 0 | 1 };

/** The columns of `Lacking`, for a SELECT from `prepared_tickets`. */
export const lackingColumns = sql.join(
  missingParts.map((part) => sql`${lacks[part]} AS ${sql.raw(`lacks_${part}`)}`),
  sql`, `,
);

/** The condition that a row of `prepared_tickets` lacks nothing. The vehicle model is always there. */
export const isReady: SQL = sql.join(
  missingParts.map((part) => sql`NOT (${lacks[part]})`),
  sql` AND `,
);

/** Returns the parts that a row lacks. */
export const missingIn = (row: Lacking): MissingPart[] =>
  missingParts.filter((part) => row[`lacks_${part}`] === 1);

/**
 * Returns what the partner's ticket lacks to be picked up.
 *
 * @throws Problem `pickedUp` or `notFound` if there is no such ticket.
 */
export async function findMissing(
  db: Database,
  partnerId: PartnerId,
  id: string,
): Promise<MissingPart[]> {
  const { found } = await db.read({
    found: ownedSql<Lacking>`SELECT ${lackingColumns} FROM prepared_tickets WHERE ${ticketOf(partnerId, id)}`,
  });
  if (found[0] === undefined) {
    throw await missingTicket(db, partnerId, id);
  }
  return missingIn(found[0]);
}
