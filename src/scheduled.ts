import { configOf } from './config.ts';
import type { Dependencies } from './context.ts';
import { Database, MAX_DATABASE_BYTES } from './db/client.ts';
import { removeExpiredKeys } from './db/idempotency.ts';
import { membersOfFault } from './http/log.ts';
import { scannerKeysOf } from './http/requests/scanner-signature.ts';
import { removeRetiredSecrets } from './resources/system/credentials.repository.ts';
import { removeExpiredEvents } from './resources/system/events/events.repository.ts';
import { removeDeliveries } from './resources/system/webhook-endpoints/deliveries.repository.ts';
import { resealSecrets } from './resources/system/webhook-endpoints/resealing.repository.ts';
import { mergeBuckets } from './resources/tickets/prepared-tickets/merge-buckets.repository.ts';
import { updateFullPartners } from './resources/tickets/prepared-tickets/quota.repository.ts';

/** The time limit for all D1 calls of a task together, in milliseconds. */
const TASK_DB_TIMEOUT_MS = 60_000;

/** What a task gets in addition to the database and the time. */
type Run = Dependencies & { readonly env: Env };

/** A task: removes what is expired or empty, or renews what is outdated, and returns how much that was. */
type Task = (db: Database, now: number, run: Run) => Promise<number>;

/** Finds out which partners have reached their quota, and logs one line for each that changed. */
const updateQuotas: Task = async (db, now, { log }) => {
  const changed = await updateFullPartners(db, now);
  for (const { partner, full, quota } of changed) {
    log?.({ event: 'quota', partner, full: full === 1, quota });
  }
  return changed.length;
};

/** The tasks by their name in the log. */
const tasks: Readonly<Record<string, Task>> = {
  'idempotency-keys': removeExpiredKeys,
  credentials: removeRetiredSecrets,
  events: removeExpiredEvents,
  deliveries: removeDeliveries,
  'webhook-secrets': (db, now, { env }) => resealSecrets(db, configOf(env).sealingKeys, now),
  'ticket-counts': (db, now, { ticketsPerPart }) => mergeBuckets(db, now, ticketsPerPart),
  quotas: updateQuotas,
  'scanner-keys': async (db, _now, { env, ...dependencies }) =>
    (await scannerKeysOf(configOf(env)).renew(dependencies, db)) ? 1 : 0,
};

/** The percentages of the largest size of a database from which the log warns, and reports a fault. */
const SIZE_WARNING_PERCENT = 60;
const SIZE_FAULT_PERCENT = 80;

/** Logs one line for the size of the database. */
function logSize(bytes: number, log: Dependencies['log']): void {
  const percent = Math.floor((bytes * 100) / MAX_DATABASE_BYTES);
  const size = { task: 'database-size', bytes, percent };
  if (percent < SIZE_WARNING_PERCENT) {
    log?.({ event: 'scheduled', ...size });
    return;
  }
  const message = `The database uses ${percent} % of the size that D1 allows.`;
  log?.({ event: percent < SIZE_FAULT_PERCENT ? 'warning' : 'fault', ...size, message });
}

/**
 * Removes expired idempotency keys, events and deliveries, and retired secrets that are no longer needed, seals
 * secrets of webhooks with the current key, merges sparse buckets of ticket counts, finds out which partners have
 * reached their quota, and renews the copy of the keys of the secret scanner. The cron trigger calls it. Every task
 * runs even if another one fails, and logs one line; the last line has the size of the database.
 *
 * @throws the first error after all tasks have run, so that the run counts as failed.
 */
export async function removeExpired(env: Env, dependencies: Dependencies): Promise<void> {
  const { now, log } = dependencies;
  const faults: unknown[] = [];
  let sizeBytes: number | undefined;
  for (const [task, perform] of Object.entries(tasks)) {
    const db = new Database(env.DB, undefined, TASK_DB_TIMEOUT_MS);
    try {
      const removed = await perform(db, now(), { ...dependencies, env });
      log?.({ event: 'scheduled', task, removed });
    } catch (error) {
      log?.({ event: 'fault', task, ...membersOfFault(error as Error) });
      faults.push(error);
    }
    sizeBytes = db.sizeBytes ?? sizeBytes;
  }
  if (sizeBytes !== undefined) {
    logSize(sizeBytes, log);
  }
  if (faults.length > 0) {
    throw faults[0];
  }
}
