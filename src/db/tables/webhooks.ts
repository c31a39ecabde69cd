import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { PartnerId } from '../partner-id.ts';
import { partners } from './credentials.ts';

/**
 * Webhook endpoints of partners, with the place in the feed that each has reached. The place is the truth
 * about what was delivered; the Durable Object of an endpoint only knows when to look. Times are
 * milliseconds since 1970.
 */
export const webhookEndpoints = sqliteTable(
  'webhook_endpoints',
  {
    id: text('id').primaryKey(),
    partner_id: integer('partner_id')
      .$type<PartnerId>()
      .notNull()
      .references(() => partners.id),
    created_at: integer('created_at').notNull(),
    url: text('url').notNull(),
    description: text('description').notNull(),
    /** The types that the endpoint receives, as a JSON array; null for all. */
    event_types: text('event_types'),
    disabled_at: integer('disabled_at'),
    /** Why it is disabled; null while it is enabled. */
    disabled_reason: text('disabled_reason'),
    /** Increases with every change by a request. It is the entity tag of the endpoint (RFC 9110 §8.8.3). */
    version: integer('version').notNull().default(1),
    /** The signing secret, encrypted; secrets.ts describes the form. */
    secret: text('secret').notNull(),
    /** The secret that the last rotation replaced, encrypted, and until when it signs too. */
    retired_secret: text('retired_secret'),
    retired_expires_at: integer('retired_expires_at'),
    /** The sequence of the last event that was delivered or passed. */
    position: integer('position').notNull(),
    /** Increases with every replay, so that a delivery in flight does not move the place again. */
    replays: integer('replays').notNull().default(0),
    /** The failed attempts of the event `attempted_sequence`. */
    failed_attempts: integer('failed_attempts').notNull().default(0),
    /**
     * The sequence of the event whose attempt failed last; null if none has failed yet. The next event to
     * deliver can be another one: the types can change, and an event can expire.
     */
    attempted_sequence: integer('attempted_sequence'),
    /** When the next event is attempted; null if the endpoint does not wait. */
    next_attempt_at: integer('next_attempt_at'),
    /** The number of the newest delivery; deliveries are numbered from 1 without gaps. */
    newest_delivery: integer('newest_delivery').notNull().default(0),
    /** The number of the last delivery that was removed as expired. */
    removed_delivery: integer('removed_delivery').notNull().default(0),
    /** The URL that agreed to receive events; null if none has. No attempt goes to another one. */
    consented_url: text('consented_url'),
    /**
     * The SHA-256 of both secrets, by which a report of leaked secrets finds them; null for an older secret until the
     * task that reseals has filled it in.
     */
    secret_sha256: text('secret_sha256'),
    retired_sha256: text('retired_sha256'),
  },
  (table) => [
    index('webhook_endpoints_partner').on(table.partner_id),
    // A report of leaked secrets finds an endpoint by its secret. Deliveries change neither column.
    index('webhook_endpoints_secret').on(table.secret_sha256),
    index('webhook_endpoints_retired').on(table.retired_sha256),
  ],
);

/**
 * The hosts that receive no webhook, in lower case. The operator denies them, with all their subdomains. Times are
 * milliseconds since 1970. The migration makes the table WITHOUT ROWID, as it does for `ticket_counts`.
 */
export const deniedHosts = sqliteTable('denied_hosts', {
  host: text('host').primaryKey(),
  created_at: integer('created_at').notNull(),
});

/**
 * Attempts to deliver an event to an endpoint. The migration makes the table WITHOUT ROWID, as it does for
 * `ticket_counts`.
 */
export const webhookDeliveries = sqliteTable(
  'webhook_deliveries',
  {
    endpoint_id: text('endpoint_id').notNull(),
    number: integer('number').notNull(),
    event_id: text('event_id').notNull(),
    event_type: text('event_type').notNull(),
    /** The sequence of the event; null for a test event. */
    sequence: integer('sequence'),
    /** Counts the attempts of the event, from 1. */
    attempt: integer('attempt').notNull(),
    attempted_at: integer('attempted_at').notNull(),
    duration_ms: integer('duration_ms').notNull(),
    /** The HTTP status of the response; null if there was none. */
    status: integer('status'),
    /** The kind of error without a response; null if there was one. */
    error: text('error'),
    /** The beginning of the body of the response to a failed attempt; null if there was none. */
    response_text: text('response_text'),
  },
  (table) => [primaryKey({ columns: [table.endpoint_id, table.number] })],
);
