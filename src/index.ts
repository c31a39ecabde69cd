import { waitUntil } from 'cloudflare:workers';
import { createApp } from './app.ts';
import type { Dependencies } from './context.ts';
import { writeLine } from './http/log.ts';
import { wakeEndpoint } from './resources/system/webhook-endpoints/delivery/scheduler.ts';
import { wakeLagging } from './resources/system/webhook-endpoints/delivery/wake.ts';
import { removeExpired } from './scheduled.ts';

export { WebhookScheduler } from './resources/system/webhook-endpoints/delivery/scheduler.ts';

const dependencies: Dependencies = {
  now: () => Date.now(),
  newId: () => crypto.randomUUID(),
  fetch: (url, init) => fetch(url, init),
  background: waitUntil,
  wakeEndpoint,
  log: writeLine,
};
const app = createApp(dependencies);

/** The cron trigger that wakes webhook endpoints. */
const EVERY_MINUTE = '* * * * *';

export default {
  fetch: app.fetch,
  scheduled: ({ cron, scheduledTime }, env) =>
    (cron === EVERY_MINUTE ? wakeLagging : removeExpired)(env, dependencies, scheduledTime),
} satisfies ExportedHandler<Env>;
