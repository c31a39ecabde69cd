import { configOf } from './config.ts';
import type { Dependencies } from './context.ts';
import { Database } from './db/client.ts';
import { removeExpiredKeys } from './db/idempotency.ts';
import { scannerKeysOf } from './http/requests/scanner-signature.ts';
import { removeExpiredEvents } from './resources/system/events/expired-events.repository.ts';
import { removeRetiredSecrets } from './resources/system/retired-secrets.repository.ts';
import { removeDeliveries } from './resources/system/webhook-endpoints/expired-deliveries.repository.ts';
import { resealSecrets } from './resources/system/webhook-endpoints/resealing.repository.ts';
import { mergeBuckets } from './resources/tickets/prepared-tickets/merge-buckets.repository.ts';

/** The time limit for all D1 calls of a task together, in milliseconds. */
const TASK_DB_TIMEOUT_MS = 60_000;

/** A task: removes what is expired or empty, or renews what is outdated, and returns how much that was. */
type Task = (
  db: Database,
  now: number,
  env: Env,
  ticketsPerPart: number | undefined,
  dependencies: Dependencies,
) => Promise<number>;

/** The tasks by their name in the log. */
const tasks: Readonly<Record<string, Task>> = {
  'idempotency-keys': removeExpiredKeys,
  credentials: removeRetiredSecrets,
  events: removeExpiredEvents,
  deliveries: removeDeliveries,
  'webhook-secrets': (db, now, env) => resealSecrets(db, configOf(env).sealingKeys, now),
  'ticket-counts': (db, now, _env, ticketsPerPart) => mergeBuckets(db, now, ticketsPerPart),
  'scanner-keys': async (db, _now, env, _ticketsPerPart, dependencies) =>
    (await scannerKeysOf(configOf(env)).renew(dependencies, db)) ? 1 : 0,
};

/**
 * Removes expired idempotency keys, events and deliveries, and retired secrets that are no longer needed, seals
 * secrets of webhooks with the current key, merges sparse buckets of ticket counts, and renews the copy of the keys
 * of the secret scanner. The cron trigger calls it. Every task runs even if another one fails, and logs one line.
 *
 * @throws the first error after all tasks have run, so that the run counts as failed.
 */
export async function removeExpired(env: Env, dependencies: Dependencies): Promise<void> {
  const { now, log, ticketsPerPart } = dependencies;
  const faults: unknown[] = [];
  for (const [task, remove] of Object.entries(tasks)) {
    try {
      const removed = await remove(
        new Database(env.DB, undefined, TASK_DB_TIMEOUT_MS),
        now(),
        env,
        ticketsPerPart,
        dependencies,
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
