/** A Worker that only imports the packages of the API. `npm run budgets` compares the start of the API with its start. */
import { OpenAPIHono, z } from '@hono/zod-openapi';
import { sql } from 'drizzle-orm';
import { sqliteTable } from 'drizzle-orm/sqlite-core';
import { Hono } from 'hono';

// A bundler removes an import that nothing uses.
const imported = [Hono, OpenAPIHono, sql, sqliteTable, z];

export default {
  fetch: () => new Response(`${imported.length}`),
} satisfies ExportedHandler;
