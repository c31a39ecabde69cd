import { configOf } from './config.ts';
import type { Dependencies } from './context.ts';
import { type Database, MAX_DATABASE_BYTES } from './db/client.ts';
import { Cost } from './db/cost.ts';
import { DatabaseFull, DatabaseUnavailable, QueriesSpent } from './db/errors.ts';
import { removeExpiredKeys } from './db/idempotency.ts';
import type { Steps } from './db/removal.ts';
import { type Home, homesInTurn, MAIN_HOME, openDatabase } from './homes.ts';
import { membersOfFault } from './http/log.ts';
import { scannerKeysOf } from './http/requests/scanner-signature.ts';
import { removeRetiredSecrets } from './resources/system/credentials.repository.ts';
import { removeExpiredEvents } from './resources/system/events/events.repository.ts';
import { removeDeliveries } from './resources/system/webhook-endpoints/deliveries.repository.ts';
import { resealSecrets } from './resources/system/webhook-endpoints/resealing.repository.ts';
import { mergeBuckets } from './resources/tickets/prepared-tickets/merge-buckets.repository.ts';
import { updateFullPartners } from './resources/tickets/prepared-tickets/quota.repository.ts';

/**
 * The time limit for the D1 calls of a step, in milliseconds. D1 ends a query after 30 seconds, and then a call that waits
 * for the place of another one gets it.
 */
const STEP_DB_TIMEOUT_MS = 60_000;

/** What a task gets in addition to the database and the time. */
type Run = Dependencies & { readonly env: Env; readonly home: Home };

/** A task: removes what is expired or empty, or renews what is outdated, in steps. */
type Task = (db: Database, now: number, run: Run) => Steps;

/** Finds out which partners have reached a quota, and logs one line for each that changed. */
const updateQuotas: Task = async function* (db, now, { log, home }) {
  const changed = await updateFullPartners(db, now);
  for (const { partner, resource, full, quota } of changed) {
    log?.({ event: 'quota', home: home.name, partner, resource, full: full === 1, quota });
  }
  yield changed.length;
};

/** Tasks by their name in the log. */
type Tasks = Readonly<Record<string, Task>>;

/** The tasks that each home begins with. A quota ends within minutes, whatever there is to clean. */
const first: Tasks = { quotas: updateQuotas };

/** The tasks that follow by turns. */
const cleaning: Tasks = {
  'idempotency-keys': removeExpiredKeys,
  credentials: removeRetiredSecrets,
  events: removeExpiredEvents,
  deliveries: removeDeliveries,
  'webhook-secrets': (db, now, { env }) => resealSecrets(db, configOf(env).sealingKeys, now),
  'ticket-counts': (db, now, { ticketsPerPart }) => mergeBuckets(db, now, ticketsPerPart),
};

/** The tasks that follow by turns in `main` only. */
const inMain: Tasks = {
  'scanner-keys': async function* (db, _now, { env, ...dependencies }) {
    yield (await scannerKeysOf(configOf(env)).renew(dependencies, db)) ? 1 : 0;
  },
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
 * Runs tasks in a home, a step of each by turns, and logs one line for each when it ends. A task that fails stops no other
 * one. What is left when the invocation has no queries left is for the next run, and is no fault.
 *
 * @returns the errors of the tasks that failed.
 */
async function runTasks(tasks: Tasks, db: Database, run: Run): Promise<unknown[]> {
  const { home, now, log } = run;
  const faults: unknown[] = [];
  const turns = Object.entries(tasks).map(([task, begin]) => ({
    ...{ task, removed: 0 },
    steps: begin(db, now(), run),
  }));
  // A task that is not done gets a further turn at the end.
  for (const turn of turns) {
    const line = { task: turn.task, home: home.name };
    db.renewDeadline();
    try {
      const { done, value } = await turn.steps.next();
      if (done) {
        log?.({ event: 'scheduled', ...line, removed: turn.removed });
      } else {
        turns.push({ ...turn, removed: turn.removed + value });
      }
    } catch (error) {
      if (error instanceof QueriesSpent) {
        log?.({ event: 'scheduled', ...line, removed: turn.removed, unfinished: true });
      } else {
        log?.({ event: 'fault', ...line, ...membersOfFault(error as Error) });
        faults.push(error);
      }
    }
  }
  return faults;
}

/**
 * Runs all tasks in a home, and logs the size of its database. A home that does not answer to the first task is left
 * alone until the next run, unless it is full: then the others make room.
 *
 * @returns the errors of the tasks that failed.
 */
async function runHome(db: Database, run: Run): Promise<unknown[]> {
  const faults = await runTasks(first, db, run);
  if (db.sizeBytes !== undefined) {
    logSize(run.home, db.sizeBytes, run.log);
  }
  const isAnswering = faults.every(
    (fault) => !(fault instanceof DatabaseUnavailable) || fault instanceof DatabaseFull,
  );
  const others = { ...cleaning, ...(run.home.name === MAIN_HOME.name && inMain) };
  return isAnswering ? [...faults, ...(await runTasks(others, db, run))] : faults;
}

/**
 * Finds out which partners have reached a quota, removes expired idempotency keys, events and deliveries, and retired
 * secrets that are no longer needed, seals secrets of webhooks with the current key, merges sparse buckets of ticket
 * counts, and renews the copy of the keys of the secret scanner. The cron trigger calls it.
 *
 * All homes are served at the same time and share the queries of the invocation. Their calls wait in one line, so they
 * take turns, and one with much to remove holds up no other one. The first in line changes with each run.
 *
 * @param scheduledAt when the run was to begin, milliseconds since 1970. Unlike the clock, it names each run once.
 * @throws one of the errors after all tasks have run, so that the run counts as failed.
 */
export async function removeExpired(
  env: Env,
  dependencies: Dependencies,
  scheduledAt: number,
): Promise<void> {
  const { homes } = configOf(env);
  const cost = new Cost();
  const faults = await Promise.all(
    homesInTurn(homes, Math.floor(scheduledAt / RUN_INTERVAL_MS)).map((home) =>
      runHome(openDatabase(env, home, undefined, STEP_DB_TIMEOUT_MS, cost), {
        ...dependencies,
        env,
        home,
      }),
    ),
  );
  const [fault] = faults.flat();
  if (fault !== undefined) {
    throw fault;
  }
}
