import { removeExpired } from '../../src/scheduled.ts';
import { homes, workerEnv } from './homes.ts';

/** How often a run begins, in milliseconds. */
const RUN_INTERVAL_MS = 300_000;

/**
 * Runs the tasks of the cron trigger when it is the turn of the home of the first partner to be cleaned. The turn
 * follows from the first look at the clock of a run.
 *
 * @param bindings that replace the real ones, under the names of the tests.
 */
export function runCron(
  dependencies: Parameters<typeof removeExpired>[1],
  bindings: Parameters<typeof workerEnv>[0] = {},
): Promise<void> {
  const { now } = dependencies;
  // `main` has the first turn, and `eu` the second.
  const isOurs = (time: number) =>
    Math.floor(time / RUN_INTERVAL_MS) % homes.length === homes.length - 1;
  let isFirstLook = true;
  const clock = () => {
    const time = now();
    const shift = isFirstLook && !isOurs(time) ? RUN_INTERVAL_MS : 0;
    isFirstLook = false;
    return time + shift;
  };
  return removeExpired(workerEnv(bindings), { ...dependencies, now: clock });
}
