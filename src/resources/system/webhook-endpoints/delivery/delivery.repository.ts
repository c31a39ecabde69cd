import { type SQL, sql } from 'drizzle-orm';
import { isDisabledPartner } from '../../../../auth/credentials.repository.ts';
import type { Database } from '../../../../db/client.ts';
import { HAS_WRITTEN, recordEventsOfOperator } from '../../../../db/events.ts';
import { type Owned, ownedSql } from '../../../../db/owned.ts';
import type { PartnerId } from '../../../../db/partner-id.ts';
import { type EventRow, eventColumns } from '../../events/events.repository.ts';
import { hasKey } from '../../owned-kind.repository.ts';
import { isDeniedHost } from '../denied-hosts.repository.ts';
import { GONE, hasGoneSince } from '../gone.repository.ts';
import type { DisabledReason } from '../webhook-endpoints.repository.ts';
import type { AttemptResult, Recipient } from './message.ts';

/** The events that one round trip reads. */
const EVENTS_PER_READ = 20;

/** An endpoint as a delivery needs it. Times are milliseconds since 1970. */
export interface DueEndpoint extends Recipient {
  /** A JSON array; null for all types. */
  readonly event_types: string | null;
  readonly position: number;
  readonly replays: number;
  /** Increases with every change by a request. */
  readonly version: number;
  readonly failed_attempts: number;
  /** The event that the failed attempts are of. */
  readonly attempted_sequence: number | null;
  readonly next_attempt_at: number | null;
}

/** The condition that neither an endpoint nor its partner is disabled. For an active partner it reads no row. */
const isEnabled = sql`disabled_at IS NULL AND NOT ${isDisabledPartner(sql`partner_id`)}`;

/** Returns the condition that a row is this endpoint. Every query on it but the first uses it. */
export const isEndpoint = ({ id, partner_id }: Pick<Recipient, 'id' | 'partner_id'>): Owned =>
  hasKey({ id, partnerId: partner_id });

/** An endpoint and the events that come after its place, in their order. */
export interface DueEvents {
  readonly endpoint: DueEndpoint;
  readonly events: readonly EventRow[];
}

/**
 * Returns an endpoint with its next events. A backlog that is older than the feed begins with the oldest
 * event that is kept. An endpoint that waits comes without events, so that a wake meanwhile costs little.
 *
 * @returns `disabled` if the endpoint or its partner is disabled.
 */
export async function findDue(
  db: Database,
  id: string,
  now: number,
): Promise<DueEvents | 'disabled' | 'deleted'> {
  const {
    endpoint: [found],
    events,
  } = await db.ofAllPartners.readPrimary({
    endpoint: sql<
      DueEndpoint & { readonly is_enabled: 0 | 1 }
    >`SELECT id, partner_id, url, consented_url, event_types, secret, position, replays, version,
        iif(retired_expires_at > ${now}, retired_secret, NULL) AS retired_secret,
        failed_attempts, attempted_sequence, next_attempt_at, ${isEnabled} AS is_enabled
      FROM webhook_endpoints WHERE id = ${id}`,
    events: sql<EventRow>`SELECT ${eventColumns}
      FROM (SELECT partner_id AS of_partner, position FROM webhook_endpoints
          WHERE id = ${id} AND coalesce(next_attempt_at, 0) <= ${now} AND ${isEnabled}) AS endpoint
        CROSS JOIN events ON events.partner_id = of_partner AND sequence > position
      ORDER BY sequence LIMIT ${EVENTS_PER_READ}`,
  });
  if (found === undefined) {
    return 'deleted';
  }
  const { is_enabled, ...endpoint } = found;
  return is_enabled === 1 ? { endpoint, events } : 'disabled';
}

/** Why an endpoint is disabled without anyone's request. */
type AutomaticReason = Extract<DisabledReason, 'gone' | 'exhausted'>;

/**
 * Where an endpoint stands after an attempt. The position is that of the event if it was delivered. Otherwise it is that
 * of the last event before it, because those that the endpoint did not receive at the time of the attempt are passed: if
 * they could come back, each change of the types would begin their attempts anew.
 */
export type NextState =
  | { readonly position: number }
  /** The event is attempted again at this time. */
  | { readonly position: number; readonly nextAttemptAt: number }
  /** The endpoint is disabled. */
  | { readonly position: number; readonly disabledReason: AutomaticReason };

/** The event of an attempt; a test event has no sequence. */
export interface AttemptedEvent {
  readonly id: string;
  readonly type: string;
  readonly sequence: number | null;
  /** Counts the attempts of the event, from 1. */
  readonly attempt: number;
}

/**
 * Returns the statement that keeps what an attempt says about the consent of its receiver, if it says something. A 410
 * ends the consent for all endpoints of the partner with this URL, whatever has become of the one that was tried. A
 * consent counts only if the endpoint still has the URL that agreed, and if that has not answered 410 since.
 */
function consentStatement(
  { id, partner_id, url }: Recipient,
  { status, attemptedAt, isNewlyAgreed }: AttemptResult,
): Owned<never> | undefined {
  if (status === GONE) {
    return ownedSql<never>`UPDATE webhook_endpoints SET consented_url = NULL
      WHERE partner_id = ${partner_id} AND consented_url = ${url}`;
  }
  return isNewlyAgreed
    ? ownedSql<never>`UPDATE webhook_endpoints SET consented_url = url
        WHERE id = ${id} AND url = ${url} AND NOT ${hasGoneSince(partner_id, url, attemptedAt)}`
    : undefined;
}

/**
 * Returns the statements that record one attempt among the deliveries of an endpoint, and what it says about the
 * consent of the receiver.
 *
 * @param isRepetition whether an earlier run of the write may have recorded it. Then it is recorded unless one of
 * the latest attempts is of the same event and time.
 */
export function deliveryStatements(
  endpoint: Recipient,
  { id, type, sequence, attempt }: AttemptedEvent,
  result: AttemptResult,
  isRepetition: boolean,
) {
  const { status, error, attemptedAt, durationMs, responseText } = result;
  const isUnrecorded = sql`NOT EXISTS (SELECT 1 FROM (SELECT event_id, attempted_at FROM webhook_deliveries
      WHERE endpoint_id = ${endpoint.id} ORDER BY number DESC LIMIT 9)
    WHERE event_id = ${id} AND attempted_at = ${attemptedAt})`;
  return {
    insert: ownedSql<never>`INSERT INTO webhook_deliveries (endpoint_id, number, event_id, event_type, sequence,
        attempt, attempted_at, duration_ms, status, error, response_text)
      SELECT id, newest_delivery + 1, ${id}, ${type}, ${sequence}, ${attempt}, ${attemptedAt},
        ${durationMs}, ${status}, ${error}, ${responseText}
      FROM webhook_endpoints WHERE ${isEndpoint(endpoint)} AND ${isRepetition ? isUnrecorded : sql`true`}`,
    count: ownedSql<never>`UPDATE webhook_endpoints SET newest_delivery = newest_delivery + 1
      WHERE ${isEndpoint(endpoint)} AND ${HAS_WRITTEN}`,
    consent: consentStatement(endpoint, result),
  };
}

/**
 * Returns the statements that disable an endpoint in the name of no client, and record the event that says so, if a
 * condition holds. An endpoint that is disabled already gets the reason and keeps the time.
 *
 * @param now milliseconds since 1970.
 * @param others further assignments.
 */
export function disablingStatements(
  condition: Owned,
  reason: DisabledReason,
  now: number,
  others: SQL = sql`next_attempt_at = NULL`,
) {
  return {
    record: recordEventsOfOperator(
      now,
      'webhook_endpoint.disabled',
      ownedSql`SELECT partner_id, id, NULL AS ticket_number, version + 1 AS version,
          NULL AS preparer_external_reference
        FROM webhook_endpoints WHERE ${condition}`,
    ),
    disable: ownedSql<never>`UPDATE webhook_endpoints SET disabled_at = coalesce(disabled_at, ${now}),
      disabled_reason = ${reason}, version = version + 1, ${others} WHERE ${condition}`,
  };
}

/** The parts of an endpoint that decide about its next attempt and can change during one. */
export interface Standing {
  readonly consented_url: string | null;
  /** Whether the operator has denied the host of its URL. */
  readonly is_denied: 0 | 1;
}

/**
 * Records an attempt and where the endpoint stands after it. The place stays where a replay has moved it
 * meanwhile, and a success counts also if the endpoint was disabled meanwhile, so that the event does not come again
 * when it is enabled. A failed attempt says nothing about another URL, so an endpoint whose URL a request has changed
 * meanwhile does not wait, and is not disabled. Any other change leaves the wait, so that no series of changes causes
 * more attempts than the schedule has.
 *
 * @returns how the next event may be sent to the endpoint as the delivery knows it; undefined if it may not: the
 * endpoint no longer stands where the delivery expects it, a request has changed it, such as its URL, its types or its
 * secret, or it or its partner was disabled.
 */
export async function recordAttempt(
  db: Database,
  endpoint: DueEndpoint,
  event: AttemptedEvent,
  result: AttemptResult,
  next: NextState,
): Promise<Standing | undefined> {
  const { url, position, replays, version } = endpoint;
  const stands = ownedSql`${isEndpoint(endpoint)} AND position = ${position} AND replays = ${replays}`;
  const failed = sql`position = ${next.position}, failed_attempts = ${event.attempt},
    attempted_sequence = ${event.sequence}`;
  const hasUrl = ownedSql`${stands} AND url = ${url}`;
  const now = result.attemptedAt + result.durationMs;
  const moving =
    'disabledReason' in next
      ? disablingStatements(
          // Disabling an endpoint during its last attempt must not give it another one.
          ownedSql`${hasUrl} AND coalesce(disabled_reason, 'requested') = 'requested'`,
          next.disabledReason,
          now,
          sql`${failed}, next_attempt_at = NULL`,
        )
      : {
          move:
            'nextAttemptAt' in next
              ? ownedSql<never>`UPDATE webhook_endpoints SET ${failed},
                  next_attempt_at = ${next.nextAttemptAt} WHERE ${hasUrl}`
              : ownedSql<never>`UPDATE webhook_endpoints SET position = ${next.position},
                  failed_attempts = 0, next_attempt_at = NULL WHERE ${stands}`,
        };
  const statements = (isRepetition: boolean) => ({
    ...deliveryStatements(endpoint, event, result, isRepetition),
    ...moving,
    stands: ownedSql<Standing>`SELECT consented_url, ${isDeniedHost(url)} AS is_denied
      FROM webhook_endpoints
      WHERE ${isEndpoint(endpoint)} AND replays = ${replays} AND version = ${version} AND ${isEnabled}
        AND position = ${next.position}`,
  });
  const { rows } = await db.write(statements(false), () => statements(true));
  return rows.stands[0];
}

/**
 * Moves an endpoint past events that it does not receive, also if earlier attempts of one have failed. The refusals of a
 * receiver that has not agreed still count.
 */
export async function passEvents(
  db: Database,
  endpoint: DueEndpoint,
  until: number,
): Promise<void> {
  const { position, replays } = endpoint;
  await db.write({
    move: ownedSql<never>`UPDATE webhook_endpoints
      SET position = ${until}, next_attempt_at = NULL,
        failed_attempts = iif(consented_url IS url, 0, failed_attempts)
      WHERE ${isEndpoint(endpoint)} AND position = ${position} AND replays = ${replays}`,
  });
}

/** Returns the ids of the enabled endpoints of a partner. */
export async function findEnabled(db: Database, partnerId: PartnerId): Promise<string[]> {
  const { found } = await db.readPrimary({
    found: ownedSql<{ id: string }>`SELECT id FROM webhook_endpoints
      WHERE partner_id = ${partnerId} AND disabled_at IS NULL`,
  });
  return found.map(({ id }) => id);
}
