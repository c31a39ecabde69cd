import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { PartnerId } from '../partner-id.ts';

/**
 * Events: one row for each change of a ticket or a credential, written in the transaction of the change.
 * A row contains identifiers only, one of which is the partner's own reference of a ticket. The migration makes the
 * table WITHOUT ROWID, as it does for `ticket_counts`.
 */
export const events = sqliteTable(
  'events',
  {
    partner_id: integer('partner_id').$type<PartnerId>().notNull(),
    /** Counts the events of the partner without gaps, in the order of the commits. */
    sequence: integer('sequence').notNull(),
    id: text('id').notNull(),
    type: text('type').notNull(),
    /** Milliseconds since 1970. It never decreases with `sequence`, whatever the clocks of isolates say. */
    created_at: integer('created_at').notNull(),
    /** The client that made the change; null for the operator. */
    client_id: text('client_id'),
    subject_id: text('subject_id').notNull(),
    /** The ticket of a product line; null for any other subject. */
    prepared_ticket_id: text('prepared_ticket_id'),
    ticket_number: integer('ticket_number'),
    version: integer('version'),
    /** Of a ticket or a product line, after the change; null for any other subject, and in older events. */
    preparer_external_reference: text('preparer_external_reference'),
  },
  (table) => [
    primaryKey({ columns: [table.partner_id, table.sequence] }),
    index('events_type').on(table.partner_id, table.type, table.sequence),
  ],
);
