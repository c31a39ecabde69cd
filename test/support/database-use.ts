import { env } from 'cloudflare:workers';
import { eu, main } from './homes.ts';

/** The databases that were used since they were emptied. A third of the tests use none. */
export const usedDatabases = new Set([main.database, eu.database]);

/** Notes each use of a binding as one of a database. */
function watch(binding: D1Database, database: D1Database): void {
  for (const name of ['prepare', 'batch', 'exec', 'withSession'] as const) {
    const call = binding[name].bind(binding) as (...args: unknown[]) => unknown;
    Object.assign(binding, {
      [name]: (...args: unknown[]) => {
        usedDatabases.add(database);
        return call(...args);
      },
    });
  }
}

watch(main.database, main.database);
watch(env.DB_EU, eu.database);
if (eu.database !== env.DB_EU) {
  watch(eu.database, eu.database);
}
