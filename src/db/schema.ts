import { type SQL, sql } from 'drizzle-orm';
import { check, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Partners: garages, insurers and car makers. Every row of the other tables belongs to a partner. */
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
    // Contains disabled partners only, so that a lookup of an active one reads no row.
    index('partners_disabled').on(table.id).where(sql`${table.disabled_at} IS NOT NULL`),
  ],
);

/** Returns the columns that clients and API keys share. Times are milliseconds since 1970. */
const credentialColumns = () => ({
  /** When the credential was last used. Written at most once an hour. */
  last_used_at: integer('last_used_at'),
  /** When the credential expires; null for never. */
  expires_at: integer('expires_at'),
  /** When the credential was disabled; null while it is enabled. */
  disabled_at: integer('disabled_at'),
  /** Increases with every change. It is the entity tag of the credential (RFC 9110 §8.8.3). */
  version: integer('version').notNull().default(1),
});

/** OAuth 2.0 clients (RFC 6749 §2). Their secrets are stored only as SHA-256, in hex. */
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
    ...credentialColumns(),
    /** When the tokens of the client were last revoked. Tokens issued before this time are rejected. */
    tokens_from: integer('tokens_from').notNull().default(0),
    /**
     * When the client expires; 0 while it is disabled, and the largest safe integer if it never expires.
     * One index on it finds a disabled client without a row read for an enabled one.
     */
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

/** An SQL expression for a random UUID (RFC 9562 §5.4). */
const newUuid = sql`(lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))))`;

/** API keys. A key is stored only as its SHA-256, in hex, and looked up by it. */
export const apiKeys = sqliteTable(
  'api_keys',
  {
    sha256: text('sha256').primaryKey(),
    partner_id: integer('partner_id')
      .notNull()
      .references(() => partners.id),
    created_at: integer('created_at').notNull(),
    /** `id` and `name` have defaults, because keys created before these columns existed have neither. */
    id: text('id').notNull().unique().default(newUuid),
    name: text('name').notNull().default('API key'),
    ...credentialColumns(),
  },
  (table) => [index('api_keys_partner').on(table.partner_id)],
);

/**
 * Secrets of clients and API keys that a rotation replaced. Each is valid until `expires_at`. It is kept
 * for the lifetime of a token after that, so that a leak report can still revoke the tokens of the
 * client. The migration makes the table WITHOUT ROWID, as it does for `ticket_counts`.
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
 * Secrets that a report has declared leaked. They are moved here from the table in which they were valid,
 * so that no lookup of credentials finds them. Each is kept as long as its client or API key, so that a
 * repeated report is recognised. The migration makes the table WITHOUT ROWID, as it does for
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
  },
  (table) => [
    index('leaked_secrets_client').on(table.client_id),
    index('leaked_secrets_api_key').on(table.api_key_id),
  ],
);

/**
 * Prepared tickets. `ticket_number` is the rowid, so each index below implicitly ends with it and serves
 * `ORDER BY created_at, ticket_number` without a sort. AUTOINCREMENT never assigns a number twice, even
 * after a delete. Times are milliseconds since 1970, UTC.
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
    /** Increases with every change. It is the entity tag of the ticket (RFC 9110 §8.8.3). */
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
 * Product lines: the services of a ticket. A line has no id of its own. `partner_id` and `created_at`
 * repeat those of the ticket, which never change, so that one index finds the tickets of a product newest
 * first. The foreign key does not cascade, because a rebuild of the parent table would silently delete
 * the lines.
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
    /** Increases with every change. It is the entity tag of the line (RFC 9110 §8.8.3). */
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
 * How many tickets of a partner each bucket holds: all, of a customer, with a product, without a VIN
 * (`facet`). A bucket is a span of `created_at`, in four parts with a counter each; see
 * ticket-counts.repository.ts. Each write changes the counts in its own transaction, so an exact total
 * and a page at any offset cost rows by buckets and not by tickets. The migration makes the table
 * WITHOUT ROWID, which drizzle cannot say: one row is written for each change instead of two.
 */
export const ticketCounts = sqliteTable(
  'ticket_counts',
  {
    partner_id: integer('partner_id').notNull(),
    facet: text('facet').notNull(),
    /** When the bucket begins, milliseconds since 1970; it ends where the next one begins. */
    begun_at: integer('begun_at').notNull(),
    part_0: integer('part_0').notNull().default(0),
    part_1: integer('part_1').notNull().default(0),
    part_2: integer('part_2').notNull().default(0),
    part_3: integer('part_3').notNull().default(0),
    /** When the second, third and fourth part begin; only of the facet `all`, as all that follow. */
    begun_1: integer('begun_1'),
    begun_2: integer('begun_2'),
    begun_3: integer('begun_3'),
    /** How many tickets were created in the newest part. */
    created: integer('created'),
    /** The latest `created_at` that a ticket of the bucket ever had. */
    newest_at: integer('newest_at'),
  },
  (table) => [
    primaryKey({ columns: [table.partner_id, table.facet, table.begun_at] }),
    // Finds what the last deletion of a facet left, and costs nothing else a row.
    index('ticket_counts_empty')
      .on(table.partner_id, table.begun_at)
      .where(
        sql`${table.facet} <> 'all' AND ${table.part_0} + ${table.part_1} + ${table.part_2} + ${table.part_3} = 0`,
      ),
  ],
);

/**
 * Idempotency keys and the resources that they created, written in the same transaction. A key outlives
 * its resource, so that a late retry cannot recreate a deleted resource. The migration makes the table
 * WITHOUT ROWID, as it does for `ticket_counts`.
 */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    partner_id: integer('partner_id').notNull(),
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
