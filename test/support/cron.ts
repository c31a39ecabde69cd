import { removeExpired } from '../../src/scheduled.ts';
import { homes, workerEnv } from './homes.ts';

/** How often a run begins, in milliseconds. */
const RUN_INTERVAL_MS = 300_000;

/** Returns a time, or one an interval later if that is when the home of the first partner is cleaned. */
export function turnAfter(time: number): number {
  // `main` has the first turn, and `eu` the second.
  const turn = Math.floor(time / RUN_INTERVAL_MS) % homes.length;
  return turn === homes.length - 1 ? time : time + RUN_INTERVAL_MS;
}

/**
 * Runs the tasks of the cron trigger when the home of the first partner is cleaned. The turn follows from the first
 * look at the clock of a run.
 *
 * @param bindings that replace the real ones, under the names of the tests.
 */
export function runCron(
  dependencies: Parameters<typeof removeExpired>[1],
  bindings: Parameters<typeof workerEnv>[0] = {},
): Promise<void> {
  let isFirstLook = true;
  const now = () => {
    const time = dependencies.now();
    const seen = isFirstLook ? turnAfter(time) : time;
    isFirstLook = false;
    return seen;
  };
  return removeExpired(workerEnv(bindings), { ...dependencies, now });
}
