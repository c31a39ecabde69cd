import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until a condition holds, at most for a time in milliseconds. @returns whether it holds. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  waitMs: number,
): Promise<boolean> {
  for (const end = Date.now() + waitMs; Date.now() < end; await sleep(50)) {
    if (await holds()) {
      return true;
    }
  }
  return false;
}
