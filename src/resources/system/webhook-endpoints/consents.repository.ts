import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { areMet, versionTag } from '../../../db/entity-tags.ts';
import type { Change } from '../../../db/events.ts';
import { type IdempotencyKey, keptKey } from '../../../db/idempotency.ts';
import { type Owned, ownedSql } from '../../../db/owned.ts';
import type { PartnerId } from '../../../db/partner-id.ts';
import { type Updated, updateOnce } from '../../../db/write-once.ts';
import { recordAction } from '../owned.repository.ts';
import { type OwnedChange, refusalOf, targetOf } from '../owned-change.repository.ts';
import { hasKey, keyUseOf } from '../owned-kind.repository.ts';
import { isDeniedHost } from './denied-hosts.repository.ts';
import { hasGoneSince } from './gone.repository.ts';
import {
  type EndpointRow,
  type EndpointValues,
  endpointColumns,
  updateEndpoint,
  webhookEndpoint,
} from './webhook-endpoints.repository.ts';

/** The facts that decide whether the receiver of a new endpoint is asked. */
export interface Prospect {
  /** Whether the partner has used the idempotency key of the request. */
  readonly isRepetition: boolean;
  readonly isDenied: boolean;
  /** The number of endpoints that the partner has. */
  readonly endpoints: number;
}

/** Returns the facts that decide whether the receiver of a new endpoint is asked. */
export async function findProspect(
  db: Database,
  url: string,
  by: Pick<Change, 'partnerId' | 'now'>,
  once: IdempotencyKey | undefined,
): Promise<Prospect> {
  const use = keyUseOf(webhookEndpoint, by, once);
  const { found, kept } = await db.readPrimary({
    found: ownedSql<{ is_denied: 0 | 1; endpoints: number }>`SELECT
      ${isDeniedHost(url)} AS is_denied,
      (SELECT count(*) FROM webhook_endpoints WHERE partner_id = ${by.partnerId}) AS endpoints`,
    kept: use && keptKey(use),
  });
  const { is_denied, endpoints } = found[0] as (typeof found)[0];
  return { isRepetition: (kept?.length ?? 0) > 0, isDenied: is_denied === 1, endpoints };
}

/** Returns SQL for `consented_url` after a question: the URL, or NULL if it has answered 410 since the request began. */
const agreedUrl = (partnerId: PartnerId, url: string, begunAt: number): Owned =>
  ownedSql`iif(${hasGoneSince(partnerId, url, begunAt)}, NULL, ${url})`;

/**
 * Returns what must still hold after the question to the receiver of a new endpoint, and its column.
 *
 * @param by the request, with the time when it began.
 */
export const admissionOf = (
  { partnerId, now }: Pick<Change, 'partnerId' | 'now'>,
  url: string,
) => ({
  condition: sql`NOT ${isDeniedHost(url)}`,
  columns: { consented_url: agreedUrl(partnerId, url, now) },
});

/**
 * Returns the condition that a receiver must be asked before an endpoint takes values: its URL is a new one, or the
 * endpoint is enabled after a 410, and the receiver has not agreed.
 */
const needsConsent = ({ url, disabled }: EndpointValues): SQL =>
  sql`(consented_url IS NOT ${url}
    AND (url <> ${url} OR (${disabled ? 0 : 1} AND disabled_reason IS 'gone')))`;

/** An endpoint that did not take values, although it meets the preconditions of the request. */
export interface UnchangedEndpoint extends EndpointRow {
  /** Whether the operator has denied the host of the new URL. Otherwise its receiver must be asked. */
  readonly is_denied: 0 | 1;
}

/**
 * Replaces the values of an endpoint, if its receiver need not be asked, or has been, and if the operator has not denied
 * the host of its URL. The decision is part of the write, so no other request can come in between.
 *
 * @param agreedSince when the request began whose receiver has just agreed to the URL, milliseconds since 1970; undefined
 * if it was not asked. If the URL has answered 410 since, it is asked again before the next attempt.
 * @throws Problem `notFound` or `preconditionFailed`.
 */
export async function updateWithConsent(
  db: Database,
  request: OwnedChange,
  values: EndpointValues,
  agreedSince?: number,
): Promise<Updated<UnchangedEndpoint>> {
  const { change, preconditions } = request;
  const { key, applies } = targetOf(webhookEndpoint, request);
  const isDenied = isDeniedHost(values.url);
  const { url } = values;
  const may =
    agreedSince === undefined ? ownedSql`${applies} AND NOT ${needsConsent(values)}` : applies;
  const consentedUrl =
    agreedSince === undefined ? undefined : agreedUrl(key.partnerId, url, agreedSince);
  const result = await updateOnce(db, change, {
    update: updateEndpoint(ownedSql`${may} AND NOT ${isDenied}`, values, change.now, consentedUrl),
    record: recordAction(change, webhookEndpoint, 'updated', hasKey(key)),
    present: ownedSql<UnchangedEndpoint>`SELECT ${endpointColumns}, ${isDenied} AS is_denied
      FROM webhook_endpoints WHERE ${hasKey(key)}`,
  });
  if (result.changed === undefined) {
    const { present } = result;
    const isMet = present !== undefined && areMet(preconditions, versionTag.of(present));
    // The violation of a denied host precedes a precondition.
    if (present === undefined || (present.is_denied === 0 && !isMet)) {
      throw refusalOf(webhookEndpoint, present);
    }
  }
  return result;
}
