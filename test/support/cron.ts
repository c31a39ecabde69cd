import { removeExpired } from '../../src/scheduled.ts';
import { workerEnv } from './homes.ts';
import { Invocation } from './invocation.ts';

/**
 * Runs the tasks of the cron trigger, as one invocation.
 *
 * @param bindings that replace the real ones, under the names of the tests.
 */
export function runCron(
  dependencies: Parameters<typeof removeExpired>[1],
  bindings: Parameters<typeof workerEnv>[0] = {},
): Promise<void> {
  const env = new Invocation().bind(workerEnv(bindings));
  return removeExpired(env, dependencies, dependencies.now());
}
