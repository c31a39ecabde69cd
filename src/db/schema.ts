import { type SQL, sql } from 'drizzle-orm';
import { check, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** A garage, an insurer or a car maker. Every other row belongs to one. */
export const partners = sqliteTable(
  'partners',
  {
    id: integer('id').primaryKey(),
    name: text('name').notNull().unique(),
    created_at: integer('created_at').notNull(),
    /** When the operator disabled the partner, milliseconds since 1970; null while it is active. */
    disabled_at: integer('disabled_at'),
  },
  (table) => [
    // Holds the disabled partners only, so that finding an active one there reads no row.
    index('partners_disabled').on(table.id).where(sql`${table.disabled_at} IS NOT NULL`),
  ],
);

/** What a client and an API key have in common beside their secret; times are milliseconds since 1970. */
const managed = () => ({
  /** Written at most once an hour. */
  last_used_at: integer('last_used_at'),
  /** When it ends by itself; null for never. */
  expires_at: integer('expires_at'),
  /** Since when it is refused; null while it is not. */
  disabled_at: integer('disabled_at'),
  /** Rises with every change; its entity tag (RFC 9110 §8.8.3). */
  version: integer('version').notNull().default(1),
});

/** OAuth 2.0 clients (RFC 6749 §2) of a partner; the secret is kept only as its SHA-256, in hex. */
export const clients = sqliteTable(
  'clients',
  {
    id: text('id').primaryKey(),
    partner_id: integer('partner_id')
      .notNull()
      .references(() => partners.id),
    name: text('name').notNull(),
    secret_sha256: text('secret_sha256').notNull(),
    /** Space-delimited, as in RFC 6749 §3.3. */
    scopes: text('scopes').notNull(),
    created_at: integer('created_at').notNull(),
    ...managed(),
    /** When it was last enabled: tokens of before, whoever has them, do not come back with it. */
    tokens_from: integer('tokens_from').notNull().default(0),
    /** So that one index finds a client that is disabled, and reads no row for one that is not. */
    valid_until: integer('valid_until').generatedAlwaysAs(
      (): SQL =>
        sql`iif(${clients.disabled_at} IS NULL, coalesce(${clients.expires_at}, 9007199254740991), 0)`,
      { mode: 'virtual' },
    ),
  },
  (table) => [
    index('clients_partner').on(table.partner_id),
    index('clients_secret').on(table.secret_sha256),
    index('clients_valid').on(table.id, table.valid_until),
  ],
);

/** A random UUID (RFC 9562 §5.4) by SQLite. */
const newUuid = sql`(lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))))`;

/** API keys; a key is found by its SHA-256, in hex, and kept in no other form. */
export const apiKeys = sqliteTable(
  'api_keys',
  {
    sha256: text('sha256').primaryKey(),
    partner_id: integer('partner_id')
      .notNull()
      .references(() => partners.id),
    created_at: integer('created_at').notNull(),
    /** A default, and so is the name, because a key of before had none. */
    id: text('id').notNull().unique().default(newUuid),
    name: text('name').notNull().default('API key'),
    ...managed(),
  },
  (table) => [index('api_keys_partner').on(table.partner_id)],
);

/**
 * Secrets of clients and API keys that a rotation replaced. Each is valid until it ends. It is kept for
 * the lifetime of a token after that, so that a report of its leak can still end the client's tokens. WITHOUT ROWID by its migration, as day_counts.
 */
export const retiredSecrets = sqliteTable(
  'retired_secrets',
  {
    sha256: text('sha256').primaryKey(),
    client_id: text('client_id').references(() => clients.id),
    api_key_id: text('api_key_id').references(() => apiKeys.id),
    retired_at: integer('retired_at').notNull(),
    expires_at: integer('expires_at').notNull(),
  },
  (table) => [
    index('retired_secrets_client').on(table.client_id),
    index('retired_secrets_api_key').on(table.api_key_id),
    index('retired_secrets_age').on(table.expires_at),
  ],
);

/**
 * Secrets that have become public, moved here from where they were valid, so that no look-up of
 * credentials finds them. Each is kept for as long as its client or API key, so that another report
 * recognises it. WITHOUT ROWID by its migration, as day_counts.
 */
export const leakedSecrets = sqliteTable(
  'leaked_secrets',
  {
    sha256: text('sha256').primaryKey(),
    client_id: text('client_id').references(() => clients.id),
    api_key_id: text('api_key_id').references(() => apiKeys.id),
    /** Milliseconds since 1970. */
    leaked_at: integer('leaked_at').notNull(),
  },
  (table) => [
    index('leaked_secrets_client').on(table.client_id),
    index('leaked_secrets_api_key').on(table.api_key_id),
  ],
);

/**
 * Prepared tickets. `ticket_number` is the rowid, so each index below carries it as its last
 * column and serves `ORDER BY created_at, ticket_number` without a sort; AUTOINCREMENT never
 * hands out a number twice, also not after a delete. Times are milliseconds since 1970, UTC.
 */
export const preparedTickets = sqliteTable(
  'prepared_tickets',
  {
    ticket_number: integer('ticket_number').primaryKey({ autoIncrement: true }),
    id: text('id').notNull().unique(),
    partner_id: integer('partner_id')
      .notNull()
      .references(() => partners.id),
    created_at: integer('created_at').notNull(),
    customer_id: text('customer_id').notNull(),
    vehicle_model_id: integer('vehicle_model_id').notNull(),
    vin: text('vin'),
    voucher_code: text('voucher_code'),
    preparer_external_reference: text('preparer_external_reference').notNull(),
    /** Rises with every change; the ticket's entity tag (RFC 9110 §8.8.3). */
    version: integer('version').notNull().default(1),
  },
  (table) => [
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
 * Services performed within a ticket; a line has no id of its own. `partner_id` and `created_at`
 * repeat the ticket's, which never change, so that the tickets of a product are found newest first
 * by one index. No cascade: a rebuild of the parent table would delete the lines silently.
 */
export const productLines = sqliteTable(
  'product_lines',
  {
    ticket_number: integer('ticket_number')
      .notNull()
      .references(() => preparedTickets.ticket_number),
    product_id: text('product_id').notNull(),
    partner_id: integer('partner_id').notNull(),
    created_at: integer('created_at').notNull(),
    quantity: integer('quantity').notNull(),
    /** Rises with every change; the line's entity tag (RFC 9110 §8.8.3). */
    version: integer('version').notNull().default(1),
  },
  (table) => [
    primaryKey({ columns: [table.ticket_number, table.product_id] }),
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
 * How many tickets of a partner each UTC day holds: all, of a customer, with a product, without a
 * VIN (`facet`, see day-counts.repository.ts). Each write changes them in its own transaction, so an
 * exact total and a page at any offset cost rows by days and not by tickets. The migration makes the
 * table WITHOUT ROWID, which drizzle cannot say: one row written for each change instead of two.
 */
export const dayCounts = sqliteTable(
  'day_counts',
  {
    partner_id: integer('partner_id').notNull(),
    facet: text('facet').notNull(),
    /** Days since 1970-01-01, UTC. */
    day: integer('day').notNull(),
    tickets: integer('tickets').notNull(),
  },
  (table) => [primaryKey({ columns: [table.partner_id, table.facet, table.day] })],
);

/**
 * Idempotency keys with what they created, written in the same transaction. A key outlives what it
 * created, so that a late retry cannot bring back what was deleted. WITHOUT ROWID by its migration, as
 * day_counts.
 */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    partner_id: integer('partner_id').notNull(),
    /** The key space: the same key in two key spaces is two keys. */
    space: text('space').notNull(),
    key: text('key').notNull(),
    /** SHA-256 of the validated request, in hex. */
    fingerprint: text('fingerprint').notNull(),
    /** JSON of what a replay needs beyond its request, which the fingerprint proves to be the same. */
    result: text('result').notNull(),
    /** When the key may be used again, milliseconds since 1970. */
    expires_at: integer('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.partner_id, table.space, table.key] }),
    index('idempotency_keys_expiry').on(table.expires_at),
  ],
);
