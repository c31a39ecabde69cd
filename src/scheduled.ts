import type { Dependencies } from './context.ts';
import { Database } from './db/client.ts';
import { removeExpiredKeysAndSecrets } from './resources/system/idempotency.repository.ts';
import { removeExpiredKeys } from './resources/tickets/prepared-tickets/idempotency.repository.ts';
import { mergeBuckets } from './resources/tickets/prepared-tickets/merge-buckets.repository.ts';

/** Milliseconds that one task may take. */
const PATIENCE = 60_000;

/** Each removes what has expired or is empty, in bounded batches, and returns how much that was. */
const tasks = {
  'idempotency-keys': removeExpiredKeys,
  credentials: removeExpiredKeysAndSecrets,
  'ticket-counts': mergeBuckets,
};

/**
 * What the cron trigger runs: removes idempotency keys past their day and secrets past their overlap, and
 * merges sparse buckets of counts.
 * One line of the log for each task, also when it failed; no task waits for another to succeed.
 *
 * @throws the first fault, once all have run, so that the run counts as failed.
 */
export async function removeExpired(
  env: Env,
  { now, log, ticketsPerPart }: Dependencies,
): Promise<void> {
  const faults: unknown[] = [];
  for (const [task, remove] of Object.entries(tasks)) {
    try {
      const removed = await remove(
        new Database(env.DB, undefined, PATIENCE),
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
