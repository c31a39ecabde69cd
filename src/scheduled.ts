import { configOf } from './config.ts';
import type { Dependencies } from './context.ts';
import { type Database, MAX_DATABASE_BYTES } from './db/client.ts';
import { removeExpiredKeys } from './db/idempotency.ts';
import { type Home, openDatabase } from './homes.ts';
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
type Run = Dependencies & { readonly env: Env; readonly home: Home };

/** A task: removes what is expired or empty, or renews what is outdated, and returns how much that was. */
type Task = (db: Database, now: number, run: Run) => Promise<number>;

/** Finds out which partners have reached a quota, and logs one line for each that changed. */
const updateQuotas: Task = async (db, now, { log, home }) => {
  const changed = await updateFullPartners(db, now);
  for (const { partner, resource, full, quota } of changed) {
    log?.({ event: 'quota', home: home.name, partner, resource, full: full === 1, quota });
  }
  return changed.length;
};

/** Tasks by their name in the log. */
type Tasks = Readonly<Record<string, Task>>;

/** The tasks for one home in each run, because an invocation may make 1,000 queries. */
const cleaning: Tasks = {
  'idempotency-keys': removeExpiredKeys,
  credentials: removeRetiredSecrets,
  events: removeExpiredEvents,
  deliveries: removeDeliveries,
  'webhook-secrets': (db, now, { env }) => resealSecrets(db, configOf(env).sealingKeys, now),
  'ticket-counts': (db, now, { ticketsPerPart }) => mergeBuckets(db, now, ticketsPerPart),
};

/** The tasks for every home in each run. A quota ends within minutes. */
const everywhere: Tasks = { quotas: updateQuotas };

/** The tasks for `main`. */
const inMain: Tasks = {
  'scanner-keys': async (db, _now, { env, ...dependencies }) =>
    (await scannerKeysOf(configOf(env)).renew(dependencies, db)) ? 1 : 0,
};

/** How often a run begins, in milliseconds. */
const RUN_INTERVAL_MS = 300_000;

/** The percentages of the largest size of a database from which the log warns, and reports a fault. */
const SIZE_WARNING_PERCENT = 60;
const SIZE_FAULT_PERCENT = 80;

/** Logs one line for the size of the database of a home. */
function logSize({ name }: Home, bytes: number, log: Dependencies['log']): void {
  const percent = Math.floor((bytes * 100) / MAX_DATABASE_BYTES);
  const size = { task: 'database-size', home: name, bytes, percent };
  if (percent < SIZE_WARNING_PERCENT) {
    log?.({ event: 'scheduled', ...size });
    return;
  }
  const message = `The database uses ${percent} % of the size that D1 allows.`;
  log?.({ event: percent < SIZE_FAULT_PERCENT ? 'warning' : 'fault', ...size, message });
}

/**
 * Runs tasks in a home, each of them even if another one fails, and logs one line for each. The last line has the size
 * of the database.
 *
 * @returns the errors of the tasks that failed.
 */
async function runTasks(tasks: Tasks, run: Run): Promise<unknown[]> {
  const { env, home, now, log } = run;
  const faults: unknown[] = [];
  let sizeBytes: number | undefined;
  for (const [task, perform] of Object.entries(tasks)) {
    const db = openDatabase(env, home, undefined, TASK_DB_TIMEOUT_MS);
    try {
      const removed = await perform(db, now(), run);
      log?.({ event: 'scheduled', task, home: home.name, removed });
    } catch (error) {
      log?.({ event: 'fault', task, home: home.name, ...membersOfFault(error as Error) });
      faults.push(error);
    }
    sizeBytes = db.sizeBytes ?? sizeBytes;
  }
  if (sizeBytes !== undefined) {
    logSize(home, sizeBytes, log);
  }
  return faults;
}

/**
 * Removes expired idempotency keys, events and deliveries, and retired secrets that are no longer needed, seals
 * secrets of webhooks with the current key, merges sparse buckets of ticket counts, finds out which partners have
 * reached a quota, and renews the copy of the keys of the secret scanner. The cron trigger calls it. Each run
 * cleans one home, in turn by the clock.
 *
 * @throws one of the errors after all tasks have run, so that the run counts as failed.
 */
export async function removeExpired(env: Env, dependencies: Dependencies): Promise<void> {
  const { homes } = configOf(env);
  const turn = Math.floor(dependencies.now() / RUN_INTERVAL_MS) % homes.length;
  // At the same time, because a task in a home that does not answer waits for a minute.
  const faults = await Promise.all(
    homes.map((home, i) => {
      const tasks = {
        ...(i === turn && cleaning),
        ...everywhere,
        ...(home === homes[0] && inMain),
      };
      return runTasks(tasks, { ...dependencies, env, home });
    }),
  );
  const [first] = faults.flat();
  if (first !== undefined) {
    throw first;
  }
}
