import { sql } from 'drizzle-orm';
import {
  check,
  foreignKey,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
} from 'drizzle-orm/sqlite-core';
import type { PartnerId } from '../partner-id.ts';
import { countColumns } from './count-columns.ts';
import { partners } from './credentials.ts';

/**
 * The number that each partner's newest ticket got. A creation raises it in its own transaction, and a deletion leaves
 * it, so no number is given twice. It is not one of the counts, because those are made anew from the tickets that are
 * there. A partner without a row has had no ticket. The migration makes the table WITHOUT ROWID, as it does for
 * `ticket_counts`.
 */
export const ticketNumbers = sqliteTable('ticket_numbers', {
  partner_id: integer('partner_id').$type<PartnerId>().primaryKey(),
  newest: integer('newest').notNull(),
});

/**
 * Prepared tickets. `ticket_number` counts those of a partner, so both columns of the key together name a ticket. The
 * migration makes the table WITHOUT ROWID, so each index below implicitly ends with the key and serves
 * `ORDER BY created_at, ticket_number` without a sort. Times are milliseconds since 1970, UTC.
 */
export const preparedTickets = sqliteTable(
  'prepared_tickets',
  {
    ticket_number: integer('ticket_number').notNull(),
    id: text('id').notNull().unique(),
    partner_id: integer('partner_id')
      .$type<PartnerId>()
      .notNull()
      .references(() => partners.id),
    created_at: integer('created_at').notNull(),
    customer_id: text('customer_id').notNull(),
    vehicle_model_id: integer('vehicle_model_id').notNull(),
    vin: text('vin'),
    voucher_code: text('voucher_code'),
    preparer_external_reference: text('preparer_external_reference').notNull(),
    /** Increases with every change of the ticket or of its lines. It is a part of the entity tag of the ticket. */
    version: integer('version').notNull().default(1),
  },
  (table) => [
    primaryKey({ columns: [table.partner_id, table.ticket_number] }),
    index('prepared_tickets_newest').on(table.partner_id, table.created_at),
    index('prepared_tickets_customer').on(table.partner_id, table.customer_id, table.created_at),
    index('prepared_tickets_vin').on(table.partner_id, table.vin, table.created_at),
    index('prepared_tickets_reference').on(
      table.partner_id,
      table.preparer_external_reference,
      table.created_at,
    ),
  ],
);

/**
 * Product lines: the services of a ticket. A line has no id of its own. `created_at` repeats that of the ticket, which
 * never changes, so that one index finds the tickets of a product newest first. The foreign key does not cascade,
 * because a rebuild of the parent table would silently delete the lines. The migration makes the table WITHOUT ROWID,
 * as it does for `ticket_counts`.
 */
export const productLines = sqliteTable(
  'product_lines',
  {
    ticket_number: integer('ticket_number').notNull(),
    product_id: text('product_id').notNull(),
    partner_id: integer('partner_id').$type<PartnerId>().notNull(),
    created_at: integer('created_at').notNull(),
    quantity: integer('quantity').notNull(),
    /** Increases with every change (see `newLineVersion`). It is a part of the entity tag of the line. */
    version: integer('version').notNull().default(1),
  },
  (table) => [
    primaryKey({ columns: [table.partner_id, table.ticket_number, table.product_id] }),
    foreignKey({
      columns: [table.partner_id, table.ticket_number],
      foreignColumns: [preparedTickets.partner_id, preparedTickets.ticket_number],
    }),
    index('product_lines_product').on(
      table.partner_id,
      table.product_id,
      table.created_at,
      table.ticket_number,
    ),
    check('product_lines_quantity', sql`${table.quantity} >= 1`),
  ],
);

/**
 * How many tickets of a partner each bucket holds: all, of a customer, with a product, without a VIN
 * (`facet`). A bucket is a span of `created_at`, in four parts with a counter each; see
 * buckets.repository.ts. Each write changes the counts in its own transaction, so an exact total
 * and a page at any offset cost rows by buckets and not by tickets. The migration makes the table
 * WITHOUT ROWID, which drizzle cannot say: one row is written for each change instead of two.
 */
export const ticketCounts = sqliteTable('ticket_counts', countColumns(), (table) => [
  primaryKey({ columns: [table.partner_id, table.facet, table.begun_at] }),
  // Finds what the last deletion of a facet left, and costs nothing else a row.
  index('ticket_counts_empty')
    .on(table.partner_id, table.begun_at)
    .where(
      sql`${table.facet} <> 'all' AND ${table.part_0} + ${table.part_1} + ${table.part_2} + ${table.part_3} = 0`,
    ),
]);
