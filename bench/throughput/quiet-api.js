/**
 * The API as it is deployed, but for its log. In JavaScript, because what it imports is typed for
 * Workers, whose globals clash with those of Node.js, for which the bench is typed.
 */
import { waitUntil } from 'cloudflare:workers';
import { createApp } from '../../src/app.ts';

const app = createApp({
  now: () => Date.now(),
  newId: () => crypto.randomUUID(),
  fetch,
  background: waitUntil,
});

// biome-ignore lint/style/noDefaultExport: a Worker is a default export
export default { fetch: app.fetch };
