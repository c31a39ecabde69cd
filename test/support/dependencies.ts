import type { Dependencies } from '../../src/context.ts';
import { START } from './start.ts';

/** A world that stands still, logs nothing, and lets the app ask nobody. */
export const stillWorld: Dependencies = {
  now: () => START,
  newId: () => crypto.randomUUID(),
  fetch: async (url) => {
    throw new Error(`the app asked ${url}`);
  },
  background() {},
};
