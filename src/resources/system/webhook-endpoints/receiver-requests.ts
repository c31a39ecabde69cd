import type { Context } from 'hono';
import type { AppEnv } from '../../../context.ts';
import { openDatabase } from '../../../homes.ts';
import { logFault } from '../../../http/log.ts';
import { countQuestion } from './consents.ts';
import { DELIVERY_DB_TIMEOUT_MS, wakeOthers } from './delivery/deliver.ts';
import { type Recipient, type ShownEvent, send } from './delivery/message.ts';
import { findDenial } from './denied-hosts.repository.ts';
import { GONE } from './gone.repository.ts';
import { receiverRefused } from './receiver-refused.ts';
import { recordOnce } from './recipient.repository.ts';
import type { EndpointRow } from './webhook-endpoints.repository.ts';

/** The shared parts of the requests that make the API call a receiver: test events, replays and attempts. */

/** The declarations that all operations for these requests share. */
export const receiverOperation = {
  ownLimit: { name: 'replays' },
  asksReceiver: true,
  problems: ['notFound', 'receiverRefused'],
} as const;

/**
 * Requires that neither the receiver of an endpoint nor the operator has refused its webhooks.
 *
 * @throws Problem `receiverRefused`.
 */
export function requireReceiver({ disabled_reason }: EndpointRow): void {
  if (disabled_reason === 'gone' || disabled_reason === 'operator') {
    throw receiverRefused(
      { reason: 'not-agreed' },
      disabled_reason === 'operator'
        ? 'We have disabled this endpoint. Contact us if you want it to receive webhooks again.'
        : undefined,
    );
  }
}

/**
 * Sends an event to an endpoint once, after the response, and records the outcome. The time limit of D1 exceeds that of
 * the attempt. If the receiver has to be asked for its consent first, the question is counted before the response.
 *
 * @param sequence the place of the event in the feed; null for a test event.
 * @throws Problem `quotaExceeded`.
 */
export async function sendOnce(
  c: Context<AppEnv>,
  endpoint: Recipient,
  event: ShownEvent,
  sequence: number | null,
): Promise<void> {
  if (endpoint.consented_url !== endpoint.url) {
    await countQuestion(c);
  }
  c.var.dependencies.background(
    sendAndRecord(c, endpoint, event, sequence).catch((error: Error) => logFault(c, error)),
  );
}

async function sendAndRecord(
  c: Context<AppEnv>,
  endpoint: Recipient,
  event: ShownEvent,
  sequence: number | null,
): Promise<void> {
  const { config, dependencies, home } = c.var;
  const open = () => openDatabase(c.env, home, undefined, DELIVERY_DB_TIMEOUT_MS);
  const isDenied = await findDenial(open(), endpoint.url);
  const result = await send({ config, dependencies }, endpoint, event, isDenied);
  const { id, type } = event;
  const { status, error, durationMs: duration } = result;
  dependencies.log?.({
    event: 'webhook',
    ...{ partner: endpoint.partner_id, endpoint: endpoint.id, type, attempt: 1, status, error },
    duration,
  });
  await recordOnce(open(), endpoint, { id, type, sequence, attempt: 1 }, result);
  if (status === GONE) {
    const wakeEndpoint = (other: string) => dependencies.wakeEndpoint(c.env, home, other);
    await wakeOthers({ openDatabase: open, wakeEndpoint }, endpoint);
  }
}
