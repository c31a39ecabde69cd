import { type SQL, sql } from 'drizzle-orm';
import { type Owned, ownedSql } from './owned.ts';
import type { PartnerId } from './partner-id.ts';

/**
 * Writes events. The event of a change is written in the transaction of the change, so that none is ever
 * missing, and only if the change takes place, so that a retry doubles none.
 */

const changesOf = <Subject extends string>(subject: Subject) =>
  [`${subject}.created`, `${subject}.updated`, `${subject}.rotated`, `${subject}.deleted`] as const;

/** The types of events. The part before the full stop is the type of the subject. */
export const eventTypes = [
  'prepared_ticket.created',
  'prepared_ticket.updated',
  'prepared_ticket.deleted',
  'prepared_ticket.picked_up',
  'product_line.put',
  'product_line.deleted',
  ...changesOf('client'),
  ...changesOf('api_key'),
  ...changesOf('webhook_endpoint'),
  'webhook_endpoint.disabled',
] as const;

export type EventType = (typeof eventTypes)[number];
export type SubjectType = EventType extends `${infer Subject}.${string}` ? Subject : never;

/** The types of subjects, in the order of the types of events. */
export const subjectTypes = [
  ...new Set(eventTypes.map((type) => type.slice(0, type.indexOf('.')))),
] as SubjectType[];

/** A change that a request makes, and that one event records. */
export interface Change {
  readonly partnerId: PartnerId;
  /** The client that makes the change. */
  readonly clientId: string;
  /** A new UUID, which becomes the id of the event. */
  readonly eventId: string;
  /** Milliseconds since 1970, by the clock of this isolate. */
  readonly now: number;
}

/** The condition that the latest INSERT, UPDATE or DELETE wrote a row. It costs no row to look at. */
export const HAS_WRITTEN = sql`changes() > 0`;

/** An SQL expression for a random UUID (RFC 9562 §5.4). */
const NEW_UUID = sql`lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' ||
  substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (abs(random()) % 4), 1) ||
  substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))`;

const columns = sql.raw(
  'partner_id, sequence, id, type, created_at, client_id, subject_id, prepared_ticket_id, ticket_number, version, preparer_external_reference',
);

/**
 * The newest event of a partner as a FROM clause of one row: its `newest_sequence` and `newest_at`, both NULL
 * if the partner has none. Beside `max()`, SQLite takes the other column from the row of the maximum. The limit
 * keeps it from moving a condition into the subquery, which would make it read every event of the partner.
 */
const newestOf = (partnerId: PartnerId | Owned): Owned =>
  ownedSql`(SELECT max(sequence) AS newest_sequence, created_at AS newest_at FROM events
    WHERE partner_id = ${partnerId} LIMIT 1)`;

/** The time of a new event: never before that of the event before it. */
const timeAfterNewest = (now: number): SQL => sql`max(${now}, coalesce(newest_at, 0))`;

/** What an event is about, as SQL expressions for a row of the table that the subject is read from. */
interface Subject {
  readonly id: SQL;
  /** The ticket of a product line. */
  readonly preparedTicketId?: SQL;
  readonly ticketNumber?: SQL;
  readonly version: SQL;
  /** The reference of the ticket, of a ticket or a product line. */
  readonly reference?: SQL;
  /** The table that has the row, if the expressions name its columns. */
  readonly table?: SQL;
  /** Selects at most one row of the table; by default the change is unconditional. */
  readonly condition?: SQL;
}

/**
 * Returns the statement that records a change.
 *
 * @param when whether the statement stands before the one that makes the change, and so has the condition of
 * the change; or right after it, and so records nothing if that one wrote nothing.
 */
export function recordEvent(
  when: 'before' | 'after',
  { partnerId, clientId, eventId, now }: Change,
  type: EventType,
  { id, preparedTicketId, ticketNumber, version, reference, table, condition = sql`true` }: Subject,
) {
  const none = sql`NULL`;
  const isAfter = when === 'after';
  // Without a partner, the newest event is not even looked up.
  const newest = newestOf(isAfter ? ownedSql`iif(${HAS_WRITTEN}, ${partnerId}, NULL)` : partnerId);
  return ownedSql<never>`INSERT INTO events (${columns})
    SELECT ${partnerId}, coalesce(newest_sequence, 0) + 1, ${eventId}, ${type}, ${timeAfterNewest(now)},
      ${clientId}, ${id}, ${preparedTicketId ?? none}, ${ticketNumber ?? none}, ${version},
      ${reference ?? none}
    FROM ${newest} ${table === undefined ? sql`` : sql`CROSS JOIN ${table}`}
    WHERE ${isAfter ? HAS_WRITTEN : sql`true`} AND ${condition}`;
}

/**
 * Returns the statement that records changes of one type that a request makes together.
 *
 * @param subjects a SELECT of `position`, from 0 without gaps, the `event_id`, and of the ticket `id`,
 * `ticket_number`, `version` and `preparer_external_reference`.
 */
export function recordEvents(
  { partnerId, clientId, now }: Omit<Change, 'eventId'>,
  type: EventType,
  subjects: SQL,
) {
  return ownedSql<never>`INSERT INTO events (${columns})
    SELECT ${partnerId}, coalesce(newest_sequence, 0) + 1 + position, event_id, ${type},
      ${timeAfterNewest(now)}, ${clientId}, id, NULL, ticket_number, version, preparer_external_reference
    FROM ${newestOf(partnerId)} CROSS JOIN (${subjects})`;
}

/**
 * Returns the statement that records changes that no client makes: those of the operator, and those that
 * the report of a leaked secret causes. They can concern several partners.
 *
 * @param now milliseconds since 1970.
 * @param subjects a SELECT of `partner_id`, and of the subject `id`, `ticket_number`, `version` and
 * `preparer_external_reference`, of which a credential and an endpoint have NULL.
 */
export function recordEventsOfOperator(now: number, type: EventType, subjects: Owned): Owned<never>;
export function recordEventsOfOperator(now: number, type: EventType, subjects: SQL): SQL<never>;
export function recordEventsOfOperator(now: number, type: EventType, subjects: SQL) {
  const newest = (column: string) =>
    sql`coalesce((SELECT ${sql.raw(column)} FROM events WHERE partner_id = subject.partner_id
      ORDER BY sequence DESC LIMIT 1), 0)`;
  return sql<never>`INSERT INTO events (${columns})
    SELECT partner_id, ${newest('sequence')}
        + row_number() OVER (PARTITION BY partner_id ORDER BY ticket_number, id),
      ${NEW_UUID}, ${type}, max(${now}, ${newest('created_at')}), NULL, id, NULL, ticket_number, version,
      preparer_external_reference
    FROM (${subjects}) AS subject`;
}

/**
 * Returns a SELECT of columns of the event of a change; it finds no row if the change is not recorded. It reads the
 * events that the partner has had since `now`: an event is never recorded before the time of its change.
 */
function recordOf<Row>(columnsOfEvent: SQL, { partnerId, eventId, now }: Change): Owned<Row> {
  return ownedSql<Row>`WITH RECURSIVE recent (sequence, id, created_at, subject_id, version) AS (
      SELECT sequence, id, created_at, subject_id, version FROM (SELECT * FROM events WHERE partner_id = ${partnerId}
        ORDER BY sequence DESC LIMIT 1)
      UNION ALL SELECT earlier.sequence, earlier.id, earlier.created_at, earlier.subject_id, earlier.version
        FROM recent CROSS JOIN events AS earlier ON earlier.partner_id = ${partnerId}
          AND earlier.sequence = recent.sequence - 1
        WHERE recent.created_at >= ${now})
    SELECT ${columnsOfEvent} FROM recent WHERE id = ${eventId}`;
}

/**
 * Returns the condition that a change is not recorded yet. A write that is repeated after an ambiguous
 * fault needs it if nothing else tells whether its first run took effect.
 */
export function isUnrecorded(change: Change): Owned {
  return ownedSql`NOT EXISTS (${recordOf(sql`1`, change)})`;
}

/**
 * Returns the condition that a change is recorded, in the batch that records it. It reads one row. Where `HAS_WRITTEN`
 * reaches only the next statement, it tells all that follow.
 */
export const isJustRecorded = ({ partnerId, eventId }: Change): Owned =>
  ownedSql`(SELECT id FROM events WHERE partner_id = ${partnerId} ORDER BY sequence DESC LIMIT 1) = ${eventId}`;

/** Returns a SELECT of the version that the subject of a recorded change has after it. */
export function recordedVersion(change: Change): Owned<{ readonly version: number }> {
  return recordOf(sql`version`, change);
}

/** Returns the id of the subject of a recorded change, as a scalar; NULL if the change is not recorded. */
export function recordedSubject(change: Change): Owned {
  return ownedSql`(${recordOf(sql`subject_id`, change)})`;
}
