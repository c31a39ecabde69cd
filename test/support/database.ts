import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach } from 'vitest';
import { database } from './database-use.ts';
import { emptied } from './tables.ts';

beforeAll(() => applyD1Migrations(env.DB, env.MIGRATIONS));

beforeEach(async () => {
  if (database.isUsed) {
    await env.DB.batch(emptied().map((sql) => env.DB.prepare(sql)));
    database.isUsed = false;
  }
});
