import type { Dependencies } from '../../../../context.ts';
import { Database } from '../../../../db/client.ts';
import { findLagging } from './lagging.repository.ts';

/** The time limit for the D1 calls of a run, in milliseconds. */
const DB_TIMEOUT_MS = 20_000;
/** The calls of Durable Objects that a run waits for at a time. */
const MAX_CALLS = 25;
/** How long a run waits for one call, in milliseconds, so that an object that hangs does not hold up the others. */
const WAKE_TIMEOUT_MS = 5_000;

/** Returns whether a call succeeds within its time limit. It never throws. */
async function succeedsInTime(call: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const timeIsUp = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), WAKE_TIMEOUT_MS);
  });
  const succeeds = call.then(
    () => true,
    () => false,
  );
  const isWoken = await Promise.race([succeeds, timeIsUp]);
  clearTimeout(timer);
  return isWoken;
}

/**
 * Wakes the webhook endpoints that lag behind the feed and that no Durable Object works on. A wake after a write can
 * be lost, and an object can forget its alarm; then this costs the delivery a minute or two. It logs one line for
 * each endpoint. The cron trigger calls it each minute.
 *
 * @see findLagging
 */
export async function wakeLagging(
  env: Env,
  { now, log, wakeEndpoint }: Pick<Dependencies, 'now' | 'log' | 'wakeEndpoint'>,
): Promise<void> {
  const lagging = await findLagging(new Database(env.DB, undefined, DB_TIMEOUT_MS), now());
  const rest = lagging.values();
  const wakeRest = async () => {
    // All loops take from the same iterator.
    for (const { id, partner_id: partner, events, failed_attempts } of rest) {
      const woken = await succeedsInTime(wakeEndpoint(env, id));
      log?.({
        event: 'webhook',
        ...{ partner, endpoint: id, behind: events, failed_attempts, woken },
      });
    }
  };
  await Promise.all(Array.from({ length: MAX_CALLS }, wakeRest));
}
