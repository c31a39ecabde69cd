import { readdirSync, readFileSync } from 'node:fs';

/** Returns the milliseconds that a thread ran on a CPU. Its `schedstat` file begins with the nanoseconds. */
function cpuTimeMs(file: string): number {
  return Number(readFileSync(file, 'utf8').split(' ', 1)[0]) / 1e6;
}

/** Returns the ids of the child processes of all threads of a process. */
function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  );
}

/**
 * Returns a clock of the milliseconds that workerd's one serving thread ran on a CPU. Other work of the
 * machine does not advance it.
 *
 * @returns undefined if the operating system does not report the time, which only Linux does.
 */
export function workerdClock(): (() => number) | undefined {
  try {
    const workerd = childrenOf(process.pid).find(
      (pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'workerd',
    );
    const file = `/proc/${workerd}/task/${workerd}/schedstat`;
    cpuTimeMs(file);
    return () => cpuTimeMs(file);
  } catch {
    return undefined;
  }
}
