import { env } from 'cloudflare:workers';

/** Whether the run looks for rare faults, as in CI, and not only for frequent ones. */
export const isThorough = Number(env.RACE_RUNS) >= 50;

/** Returns how many examples of a property a run tries: half of them if it is not thorough. */
export const examples = (all: number): number => (isThorough ? all : Math.ceil(all / 2));
