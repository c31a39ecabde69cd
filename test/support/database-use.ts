import { env } from 'cloudflare:workers';

/** Whether the database was used since it was emptied. A third of the tests do not use it. */
export const database = { isUsed: true };

for (const name of ['prepare', 'batch', 'exec', 'withSession'] as const) {
  const call = env.DB[name].bind(env.DB) as (...args: unknown[]) => unknown;
  Object.assign(env.DB, {
    [name]: (...args: unknown[]) => {
      database.isUsed = true;
      return call(...args);
    },
  });
}
