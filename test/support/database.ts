import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach } from 'vitest';
import { database } from './database-use.ts';

/** Children before parents: the tables are emptied in this order. */
const tables = [
  'leaked_secrets',
  'retired_secrets',
  'idempotency_keys',
  'day_counts',
  'product_lines',
  'prepared_tickets',
  'api_keys',
  'clients',
  'partners',
];

beforeAll(() => applyD1Migrations(env.DB, env.MIGRATIONS));

beforeEach(async () => {
  if (database.isUsed) {
    await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
    database.isUsed = false;
  }
});
