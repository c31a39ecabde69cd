import { configOf } from './config.ts';
import type { Dependencies } from './context.ts';
import { Database, MAX_DATABASE_BYTES } from './db/client.ts';
import { removeExpiredKeys } from './db/idempotency.ts';
import { membersOfFault } from './http/log.ts';
import { removeExpiredEvents } from './resources/system/events/expired-events.repository.ts';
import { removeRetiredSecrets } from './resources/system/retired-secrets.repository.ts';
import { findLagging } from './resources/system/webhook-endpoints/delivery/lagging.repository.ts';
import { removeDeliveries } from './resources/system/webhook-endpoints/expired-deliveries.repository.ts';
import { resealSecrets } from './resources/system/webhook-endpoints/resealing.repository.ts';
import { mergeBuckets } from './resources/tickets/prepared-tickets/merge-buckets.repository.ts';
import { updateFullPartners } from './resources/tickets/prepared-tickets/quota.repository.ts';

/** The time limit for all D1 calls of a task together, in milliseconds. */
const TASK_DB_TIMEOUT_MS = 60_000;

/** What a task gets in addition to the database and the time. */
type Run = Pick<Dependencies, 'log' | 'ticketsPerPart'> & { readonly env: Env };

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
 * Removes expired idempotency keys, events and deliveries, and retired secrets that are no longer needed, seals
 * secrets of webhooks with the current key, merges sparse buckets of ticket counts, and finds out which partners
 * have reached their quota. The cron trigger calls it. Every task runs even if another one fails, and logs one
 * line; the last line has the size of the database.
 *
 * @throws the first error after all tasks have run, so that the run counts as failed.
 */
export async function removeExpired(
  env: Env,
  { now, log, ticketsPerPart }: Dependencies,
): Promise<void> {
  const faults: unknown[] = [];
  let sizeBytes: number | undefined;
  for (const [task, perform] of Object.entries(tasks)) {
    const db = new Database(env.DB, undefined, TASK_DB_TIMEOUT_MS);
    try {
      const removed = await perform(db, now(), { env, log, ticketsPerPart });
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
