import type { Dependencies } from './context.ts';
import { Database } from './db/client.ts';
import { removeExpiredKeys } from './resources/tickets/prepared-tickets/idempotency.repository.ts';

/** Milliseconds that one run may take. */
const PATIENCE = 60_000;

/** What the cron trigger runs: removes idempotency keys past their day, in bounded batches. */
export async function removeExpired(env: Env, { now, log }: Dependencies): Promise<void> {
  const task = 'idempotency-keys';
  const db = new Database(env.DB, undefined, PATIENCE);
  try {
    const removed = await removeExpiredKeys(db, now());
    log?.({ event: 'scheduled', task, removed });
  } catch (error) {
    const { name, message } = error as Error;
    log?.({ event: 'fault', task, error: name, message });
    throw error;
  }
}
