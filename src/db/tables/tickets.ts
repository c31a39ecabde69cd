import { foreignKey, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { PartnerId } from '../partner-id.ts';
import { countColumns } from './count-columns.ts';

/**
 * Tickets that were picked up. A ticket keeps the number and the id of the prepared ticket that it was.
 * The migration makes the table WITHOUT ROWID, so each index below implicitly ends with the key. Times are milliseconds
 * since 1970, UTC.
 */
export const tickets = sqliteTable(
  'tickets',
  {
    ticket_number: integer('ticket_number').notNull(),
    id: text('id').notNull().unique(),
    // No reference to partners: the prepared ticket had one, and checking it again would read a row more.
    partner_id: integer('partner_id').$type<PartnerId>().notNull(),
    created_at: integer('created_at').notNull(),
    customer_id: text('customer_id').notNull(),
    vehicle_model_id: integer('vehicle_model_id').notNull(),
    vin: text('vin'),
    voucher_code: text('voucher_code'),
    preparer_external_reference: text('preparer_external_reference').notNull(),
    state: text('state', { enum: ['pending'] })
      .notNull()
      .default('pending'),
    /**
     * After that of every ticket of the partner that was picked up earlier, so that the export skips none. Tickets from
     * before this rule can share a time.
     */
    picked_up_at: integer('picked_up_at').notNull(),
    /** Increases with every change. It is a part of the entity tag of the ticket. */
    version: integer('version').notNull().default(1),
  },
  (table) => [
    primaryKey({ columns: [table.partner_id, table.ticket_number] }),
    index('tickets_newest').on(table.partner_id, table.picked_up_at),
    index('tickets_customer').on(table.partner_id, table.customer_id, table.picked_up_at),
    index('tickets_reference').on(
      table.partner_id,
      table.preparer_external_reference,
      table.picked_up_at,
    ),
  ],
);

/**
 * The product lines of the tickets that were picked up. The migration makes the table WITHOUT ROWID, as
 * it does for `ticket_counts`.
 */
export const ticketLines = sqliteTable(
  'ticket_lines',
  {
    partner_id: integer('partner_id').$type<PartnerId>().notNull(),
    ticket_number: integer('ticket_number').notNull(),
    product_id: text('product_id').notNull(),
    quantity: integer('quantity').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.partner_id, table.ticket_number, table.product_id] }),
    foreignKey({
      columns: [table.partner_id, table.ticket_number],
      foreignColumns: [tickets.partner_id, tickets.ticket_number],
    }),
  ],
);

/**
 * How many picked-up tickets each bucket holds, as `ticket_counts` does for prepared tickets. A bucket is
 * a span of `picked_up_at`, and the facets are all tickets and those of a customer. The migration makes
 * the table WITHOUT ROWID.
 */
export const pickedUpCounts = sqliteTable('picked_up_counts', countColumns(), (table) => [
  primaryKey({ columns: [table.partner_id, table.facet, table.begun_at] }),
]);
