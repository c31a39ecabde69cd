/**
 * Executes the statements of `RemoteDatabase`, which is in another process. This file is JavaScript, because it
 * imports code that needs the global types of Workers, which conflict with the Node.js types of the benchmark.
 */

// wrangler bundles no Worker without the objects that wrangler.toml names.
export { WebhookScheduler } from '../../src/index.ts';

// biome-ignore lint/style/noDefaultExport: a Worker is a default export
export default {
  async fetch(request, { DB }) {
    const statements = await request.json();
    try {
      const run = statements.map(({ sql, values }) => DB.prepare(sql).bind(...values));
      return Response.json(await DB.batch(run));
    } catch (error) {
      return new Response(error.message, { status: 500 });
    }
  },
};
