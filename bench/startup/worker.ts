/** A Worker that only imports the packages of the API. `npm run budgets` compares the start of the API with its start. */
import * as openapi from '@hono/zod-openapi';
import * as drizzle from 'drizzle-orm';
import * as hono from 'hono';
import * as zod from 'zod';

// A bundler removes what nothing can reach.
const packages: Readonly<Record<string, object>> = { drizzle, hono, openapi, zod };

export default {
  fetch: ({ url }) => {
    const { pathname, search } = new URL(url);
    const found = packages[pathname.slice(1)];
    return new Response(String(found && Reflect.get(found, search.slice(1))));
  },
} satisfies ExportedHandler;
