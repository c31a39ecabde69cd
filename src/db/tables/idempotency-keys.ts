import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { PartnerId } from '../partner-id.ts';

/**
 * Idempotency keys and the resources that they created, written in the same transaction. A key outlives
 * its resource, so that a late retry cannot recreate a deleted resource. The migration makes the table
 * WITHOUT ROWID, as it does for `ticket_counts`.
 */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    partner_id: integer('partner_id').$type<PartnerId>().notNull(),
    /** The key space. The same key can be used once in each key space. */
    space: text('space').notNull(),
    key: text('key').notNull(),
    /** SHA-256 of the validated request, in hex. */
    fingerprint: text('fingerprint').notNull(),
    /**
     * The JSON that a replay needs in addition to its request. The fingerprint ensures an equal
     * request.
     */
    result: text('result').notNull(),
    /** When the key expires and can be used again, milliseconds since 1970. */
    expires_at: integer('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.partner_id, table.space, table.key] }),
    index('idempotency_keys_expiry').on(table.expires_at),
  ],
);
