import { readdirSync, readFileSync } from 'node:fs';

/** The processes that a process started. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => {
      try {
        // The name, which may hold anything, stands in parentheses before the state and the parent.
        const fields = readFileSync(`/proc/${other}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
        return Number(fields?.[1]) === pid;
      } catch {
        return false;
      }
    });
}

/** The process of workerd below this one. @throws Error where there is none, or no Linux. */
export function workerdProcess(): number {
  const found = childrenOf(process.pid).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('workerd'),
  );
  if (found === undefined) {
    throw new Error('No process of workerd was found.');
  }
  return found;
}

/** The resident memory of a process in MiB. */
export function residentMib(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}
