import { type SQL, sql } from 'drizzle-orm';
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { PartnerId } from '../partner-id.ts';

/** Partners: garages, insurers and car makers. Every row of the other tables belongs to a partner. */
export const partners = sqliteTable(
  'partners',
  {
    id: integer('id').$type<PartnerId>().primaryKey(),
    name: text('name').notNull().unique(),
    created_at: integer('created_at').notNull(),
    /** When the operator disabled the partner, milliseconds since 1970; null while it is active. */
    disabled_at: integer('disabled_at'),
    /** The most prepared tickets that the partner may have at a time. */
    max_prepared_tickets: integer('max_prepared_tickets').notNull().default(2_000_000),
    /**
     * When the cron noticed that the partner has its most prepared tickets, milliseconds since 1970; null while
     * it may create more.
     */
    full_at: integer('full_at'),
    /** The most product lines that all prepared tickets of the partner may have together at a time. */
    max_product_lines: integer('max_product_lines').notNull().default(10_000_000),
    /** When the cron noticed that they have that many; null while the partner may add more. */
    lines_full_at: integer('lines_full_at'),
  },
  (table) => [
    // Each contains few partners, so that a lookup of any other one reads no row.
    index('partners_disabled').on(table.id).where(sql`${table.disabled_at} IS NOT NULL`),
    index('partners_full').on(table.id).where(sql`${table.full_at} IS NOT NULL`),
    index('partners_lines_full').on(table.id).where(sql`${table.lines_full_at} IS NOT NULL`),
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
      .$type<PartnerId>()
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
      .$type<PartnerId>()
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
 * The last good copy of the public keys of the secret scanner. Its source counts requests by address, and many
 * Workers share one, so it can refuse a request.
 */
export const scannerKeys = sqliteTable('scanner_keys', {
  /** The URL of the keys. */
  url: text('url').primaryKey(),
  /** The document as JSON. */
  document: text('document').notNull(),
  /** Milliseconds since 1970. */
  fetched_at: integer('fetched_at').notNull(),
});
