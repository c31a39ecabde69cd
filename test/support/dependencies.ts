import type { Dependencies } from '../../src/context.ts';
import { START } from './start.ts';

/** Dependencies with a fixed clock, without a log, and without access to other servers. */
export const stillWorld: Dependencies = {
  now: () => START,
  newId: () => crypto.randomUUID(),
  fetch: async (url) => {
    throw new Error(`The app sent an unexpected request to ${url}.`);
  },
  background() {},
  wakeEndpoint: async () => undefined,
};
