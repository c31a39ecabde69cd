import type { SQL } from 'drizzle-orm';
import { HAS_WRITTEN } from '../../../db/events.ts';
import { type Owned, ownedSql } from '../../../db/owned.ts';
import type { PartnerId } from '../../../db/partner-id.ts';

/**
 * Returns the statement that takes the next numbers of a partner for new tickets, right after the statement that makes
 * room for these. It takes none if that one wrote nothing, so a creation that does not take place leaves no gap.
 */
export function takeNumbers(partnerId: PartnerId, tickets: number | SQL) {
  return ownedSql<never>`INSERT INTO ticket_numbers (partner_id, newest)
    SELECT ${partnerId}, ${tickets} WHERE ${HAS_WRITTEN}
    ON CONFLICT (partner_id) DO UPDATE SET newest = newest + excluded.newest`;
}

/** Returns the number that `takeNumbers` took last, as a scalar for the statements after it in its batch. */
export const newestNumber = (partnerId: PartnerId): Owned =>
  ownedSql`(SELECT newest FROM ticket_numbers WHERE partner_id = ${partnerId})`;
