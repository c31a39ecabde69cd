import { createApp } from './app.ts';

const app = createApp({ now: () => Date.now(), newId: () => crypto.randomUUID() });

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
