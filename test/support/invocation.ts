import { wrapD1 } from './wrapped-d1.ts';

/** The most D1 queries of one invocation of the Worker. The platform allows 1,000. */
export const MAX_QUERIES = 800;
/** The most D1 calls of one invocation that wait at a time. The platform has six connections for them. */
const MAX_WAITING = 5;

/** What invocations of the current test did beyond these limits. */
const excesses = new Set<string>();

/** Returns what invocations did beyond the limits since the last call. */
export function takeExcesses(): string[] {
  const found = [...excesses];
  excesses.clear();
  return found;
}

/**
 * One invocation of the Worker. Its D1 bindings count queries as the platform does, each statement of a batch and each
 * attempt singly, and the calls that D1 has not answered, also those that nobody waits for any more. The local runtime
 * has no limits, so a test fails after which one of its invocations went beyond those of the budget.
 */
export class Invocation {
  /** The number of queries so far. */
  queries = 0;
  /** The number of calls that wait for D1. */
  waiting = 0;

  /** Returns bindings of which each D1 database belongs to the invocation. */
  bind<Bindings extends object>(bindings: Bindings): Bindings {
    const bound = Object.entries(bindings).map(([name, binding]) => [
      name,
      typeof binding?.withSession === 'function' ? this.#counted(binding) : binding,
    ]);
    return Object.fromEntries(bound) as Bindings;
  }

  #counted(real: D1Database): D1Database {
    return wrapD1(
      async (execute, texts) => {
        this.queries += texts.length;
        this.waiting += 1;
        if (this.queries > MAX_QUERIES) {
          excesses.add(`An invocation made more than ${MAX_QUERIES} D1 queries.`);
        }
        if (this.waiting > MAX_WAITING) {
          excesses.add(`More than ${MAX_WAITING} D1 calls of an invocation waited at a time.`);
        }
        try {
          return await execute();
        } finally {
          this.waiting -= 1;
        }
      },
      undefined,
      real,
    );
  }
}
