import type { Database } from '../../../db/client.ts';
import { ownedSql } from '../../../db/owned.ts';
import { notFound } from '../owned-change.repository.ts';
import { hasKey, type OwnedKey } from '../owned-kind.repository.ts';
import {
  type AttemptedEvent,
  deliveryStatements,
  disablingStatements,
  isEndpoint,
} from './delivery/delivery.repository.ts';
import type { AttemptResult, Recipient } from './delivery/message.ts';
import { GONE } from './gone.repository.ts';
import {
  type EndpointRow,
  endpointColumns,
  webhookEndpoint,
} from './webhook-endpoints.repository.ts';

/** An endpoint with what a message to it needs. */
export type FoundRecipient = EndpointRow & Recipient;

/**
 * Returns the statement that selects the partner's endpoint with its sealed secrets, also if it is disabled.
 *
 * @param now milliseconds since 1970.
 */
export const selectRecipient = (key: OwnedKey, now: number) =>
  ownedSql<FoundRecipient>`SELECT ${endpointColumns}, partner_id, secret,
      iif(retired_expires_at > ${now}, retired_secret, NULL) AS retired_secret
    FROM webhook_endpoints WHERE ${hasKey(key)}`;

/**
 * Returns the partner's endpoint with its sealed secrets, also if it is disabled. The primary knows a new endpoint and a
 * new secret at once.
 *
 * @throws Problem `notFound`.
 */
export async function findRecipient(
  db: Database,
  key: OwnedKey,
  now: number,
): Promise<FoundRecipient> {
  const { found } = await db.readPrimary({ found: selectRecipient(key, now) });
  if (found[0] === undefined) {
    throw notFound(webhookEndpoint);
  }
  return found[0];
}

/**
 * Records the only attempt to send an event that a request asked for. It changes neither the place of the endpoint nor
 * its failed attempts, and a 410 disables the endpoint, unless its URL has changed meanwhile.
 */
export async function recordOnce(
  db: Database,
  endpoint: Recipient,
  event: AttemptedEvent,
  result: AttemptResult,
): Promise<void> {
  const { url } = endpoint;
  const { status, attemptedAt, durationMs } = result;
  const isStillIt = ownedSql`${isEndpoint(endpoint)} AND url = ${url} AND disabled_at IS NULL`;
  const disabling =
    status === GONE ? disablingStatements(isStillIt, 'gone', attemptedAt + durationMs) : {};
  const statements = (isRepetition: boolean) => ({
    ...deliveryStatements(endpoint, event, result, isRepetition),
    ...disabling,
  });
  await db.write(statements(false), () => statements(true));
}
