import { waitUntil } from 'cloudflare:workers';
import { createApp } from './app.ts';
import type { Dependencies } from './context.ts';
import { writeLine } from './http/log.ts';
import { removeExpired } from './scheduled.ts';

const dependencies: Dependencies = {
  now: () => Date.now(),
  newId: () => crypto.randomUUID(),
  fetch: (url, init) => fetch(url, init),
  background: waitUntil,
  log: writeLine,
};
const app = createApp(dependencies);

export default {
  fetch: app.fetch,
  scheduled: (_controller, env) => removeExpired(env, dependencies),
} satisfies ExportedHandler<Env>;
