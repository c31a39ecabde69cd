import { type Owned, ownedSql } from '../../../db/owned.ts';
import type { PartnerId } from '../../../db/partner-id.ts';

/** A 410 says that a receiver wants no more webhooks. */
export const GONE = 410;

/**
 * The latest attempts of an endpoint among which a 410 is looked for. After a 410 the receiver must agree again before
 * anything is posted, so only what was on its way then, and what was asked for and refused since, can follow it.
 */
const SEARCHED_ATTEMPTS = 20;

/**
 * Returns the condition that a URL has answered 410 to an endpoint of a partner after a time. An agreement from before
 * that no longer counts, although its request ends later.
 *
 * @param since milliseconds since 1970.
 */
export const hasGoneSince = (partnerId: PartnerId, url: string, since: number): Owned =>
  ownedSql`EXISTS (SELECT 1 FROM webhook_endpoints AS asked
    JOIN webhook_deliveries ON endpoint_id = asked.id
      AND number > asked.newest_delivery - ${SEARCHED_ATTEMPTS}
    WHERE asked.partner_id = ${partnerId} AND asked.url = ${url} AND status = ${GONE}
      AND attempted_at + duration_ms > ${since})`;
