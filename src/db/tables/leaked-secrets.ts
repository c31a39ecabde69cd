import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { apiKeys, clients } from './credentials.ts';
import { webhookEndpoints } from './webhooks.ts';

/**
 * Secrets that a report has declared leaked. They are moved here from the table in which they were valid,
 * so that no lookup of credentials finds them. Each is kept as long as its client, API key or webhook
 * endpoint, so that a repeated report is recognised. The migration makes the table WITHOUT ROWID, as it does for
 * `ticket_counts`.
 */
export const leakedSecrets = sqliteTable(
  'leaked_secrets',
  {
    sha256: text('sha256').primaryKey(),
    client_id: text('client_id').references(() => clients.id),
    api_key_id: text('api_key_id').references(() => apiKeys.id),
    /** Milliseconds since 1970. */
    leaked_at: integer('leaked_at').notNull(),
    webhook_endpoint_id: text('webhook_endpoint_id').references(() => webhookEndpoints.id),
  },
  (table) => [
    index('leaked_secrets_client').on(table.client_id),
    index('leaked_secrets_api_key').on(table.api_key_id),
    index('leaked_secrets_webhook_endpoint').on(table.webhook_endpoint_id),
  ],
);
