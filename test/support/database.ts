import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach } from 'vitest';
import { database } from './database-use.ts';

/** The tables in the order in which they are emptied: children before parents. */
const tables = [
  'scanner_keys',
  'leaked_secrets',
  'retired_secrets',
  'idempotency_keys',
  'events',
  'denied_hosts',
  'webhook_deliveries',
  'webhook_endpoints',
  'picked_up_counts',
  'ticket_lines',
  'tickets',
  'ticket_counts',
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
