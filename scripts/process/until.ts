import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until a condition holds, at most for `waitMs`. Looks every `stepMs`. @returns whether it holds. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  waitMs: number,
  stepMs = 50,
): Promise<boolean> {
  for (const end = Date.now() + waitMs; Date.now() < end; await sleep(stepMs)) {
    if (await holds()) {
      return true;
    }
  }
  return false;
}
