import { env } from 'cloudflare:workers';

/** Whether anything was asked of the database since it was emptied: a third of all tests ask nothing. */
export const database = { isUsed: true };

for (const name of ['prepare', 'batch', 'exec', 'withSession'] as const) {
  const ask = env.DB[name].bind(env.DB) as (...args: unknown[]) => unknown;
  Object.assign(env.DB, {
    [name]: (...args: unknown[]) => {
      database.isUsed = true;
      return ask(...args);
    },
  });
}
