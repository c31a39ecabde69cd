import type { Dependencies } from './context.ts';
import { Database } from './db/client.ts';
import { removeExpiredKeys } from './db/idempotency.ts';
import { removeExpiredEvents } from './resources/system/events/expired-events.repository.ts';
import { removeRetiredSecrets } from './resources/system/retired-secrets.repository.ts';
import { findLagging } from './resources/system/webhook-endpoints/delivery/lagging.repository.ts';
import { mergeBuckets } from './resources/tickets/prepared-tickets/merge-buckets.repository.ts';

/** The time limit for all D1 calls of a task together, in milliseconds. */
const TASK_DB_TIMEOUT_MS = 60_000;

/**
 * The tasks by their name in the log. Each removes what is expired or empty and returns how much that
 * was.
 */
const tasks = {
  'idempotency-keys': removeExpiredKeys,
  credentials: removeRetiredSecrets,
  events: removeExpiredEvents,
  'ticket-counts': mergeBuckets,
};

/** The time limit for the D1 calls of the trigger that wakes endpoints, in milliseconds. */
const WAKE_DB_TIMEOUT_MS = 20_000;

/**
 * Wakes the webhook endpoints that lag behind the feed. A wake after a write can be lost, and a Durable Object
 * can forget its alarm; then this costs the delivery a minute. It logs one line for each endpoint.
 */
export async function wakeLagging(
  env: Env,
  { now, log, wakeEndpoint }: Dependencies,
): Promise<void> {
  const lagging = await findLagging(new Database(env.DB, undefined, WAKE_DB_TIMEOUT_MS), now());
  const woken = lagging.map(async ({ id, partner_id: partner, events, failed_attempts }) => {
    const isWoken = await wakeEndpoint(env, id).then(
      () => true,
      () => false,
    );
    log?.({
      event: 'webhook',
      ...{ partner, endpoint: id, behind: events, failed_attempts, woken: isWoken },
    });
  });
  await Promise.all(woken);
}

/**
 * Removes expired idempotency keys and events, and retired secrets that are no longer needed, and merges
 * sparse buckets of ticket counts. The cron trigger calls it. Every task runs even if another one fails, and
 * logs one line.
 *
 * @throws the first error after all tasks have run, so that the run counts as failed.
 */
export async function removeExpired(
  env: Env,
  { now, log, ticketsPerPart }: Dependencies,
): Promise<void> {
  const faults: unknown[] = [];
  for (const [task, remove] of Object.entries(tasks)) {
    try {
      const removed = await remove(
        new Database(env.DB, undefined, TASK_DB_TIMEOUT_MS),
        now(),
        ticketsPerPart,
      );
      log?.({ event: 'scheduled', task, removed });
    } catch (error) {
      const { name, message } = error as Error;
      log?.({ event: 'fault', task, error: name, message });
      faults.push(error);
    }
  }
  if (faults.length > 0) {
    throw faults[0];
  }
}
