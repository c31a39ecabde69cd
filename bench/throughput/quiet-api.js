/**
 * The API as it is deployed, but without its log. This file is JavaScript, because it imports code that
 * needs the global types of Workers, which conflict with the Node.js types of the benchmark.
 */
import { waitUntil } from 'cloudflare:workers';
import { createApp } from '../../src/app.ts';

const app = createApp({
  now: () => Date.now(),
  newId: () => crypto.randomUUID(),
  fetch: (url, init) => fetch(url, init),
  background: waitUntil,
  // No partner of a benchmark has a webhook endpoint that waits for events.
  wakeEndpoint: async () => {},
});

// biome-ignore lint/style/noDefaultExport: a Worker is a default export
export default { fetch: app.fetch };
