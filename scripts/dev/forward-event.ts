import { setTimeout as sleep } from 'node:timers/promises';
import { delayAfter } from '../../src/resources/system/webhook-endpoints/delivery/deliver.ts';
import {
  type AttemptResult,
  attempt,
  bodyOf,
  isDelivered,
  signedHeaders,
} from '../../src/resources/system/webhook-endpoints/delivery/message.ts';
import type { ReceiverContext } from '../../src/resources/system/webhook-endpoints/delivery/receiver.ts';
import type { FeedEvent } from './feed.ts';

/** The delays between the attempts in seconds, much shorter than those of the API. The last one repeats. */
const DELAYS_S = [1, 2, 4];

/** The width of a column that aligns the names of all types. */
const TYPE_WIDTH = 'prepared_ticket.picked_up'.length;

/** Returns the line for an attempt: time, type, `webhook-id`, status or kind of error, and duration. */
function lineOf(
  { id, type }: FeedEvent,
  { attemptedAt, status, error, durationMs }: AttemptResult,
) {
  const outcome = String(status ?? error).padEnd('connection'.length);
  return [
    new Date(attemptedAt).toISOString(),
    type.padEnd(TYPE_WIDTH),
    id,
    outcome,
    `${durationMs} ms`,
  ].join('  ');
}

/**
 * Posts an event to a receiver, signed, until it answers with a 2xx. The attempts are those of the API, except
 * that the delays between them are short and that they never end.
 *
 * @param context the address of the API, and the clock and fetch of this program.
 * @param print receives one line for each attempt.
 * @throws Error if the receiver answers 410, with which it asks for no further events.
 */
export async function forwardEvent(
  url: string,
  secret: string,
  event: FeedEvent,
  context: ReceiverContext,
  print: (line: string) => void,
): Promise<void> {
  const body = bodyOf(event);
  for (let failed = 1; ; failed++) {
    const headers = await signedHeaders({ id: event.id, at: Date.now(), body }, [secret]);
    const result = await attempt(url, headers, body, context);
    print(lineOf(event, result));
    if (isDelivered(result)) {
      return;
    }
    if (result.status === 410) {
      throw new Error(
        'The receiver answered 410. The API then disables the endpoint, so this ends too.',
      );
    }
    await sleep(delayAfter(Math.min(failed, DELAYS_S.length), DELAYS_S, result.retryAfterMs));
  }
}
