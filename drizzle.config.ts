import { defineConfig } from 'drizzle-kit';

/** drizzle-kit generates the SQL under `drizzle/`; wrangler applies it. */
export default defineConfig({ dialect: 'sqlite', schema: './src/db/schema.ts', out: './drizzle' });
