import { readdirSync, readFileSync } from 'node:fs';

/** The first of the numbers that Linux keeps for a thread: nanoseconds on a CPU. */
function cpuTime(file: string): number {
  return Number(readFileSync(file, 'utf8').split(' ', 1)[0]) / 1e6;
}

/** The children of a process, those of its threads together. */
function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  );
}

/**
 * A clock that stands still while the machine is busy with something else: the milliseconds that
 * workerd's one serving thread has been on a CPU.
 *
 * @returns undefined where the system does not tell, which is everywhere but on Linux.
 */
export function workerdClock(): (() => number) | undefined {
  try {
    const workerd = childrenOf(process.pid).find(
      (pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'workerd',
    );
    const file = `/proc/${workerd}/task/${workerd}/schedstat`;
    cpuTime(file);
    return () => cpuTime(file);
  } catch {
    return undefined;
  }
}
