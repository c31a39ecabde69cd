import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import { type Change, type EventType, isUnrecorded, recordEvent } from '../../../db/events.ts';
import { areMet, meets, type Preconditions } from '../../../db/versions.ts';
import { writeOnce } from '../../../db/write-once.ts';
import type { Page } from '../../../http/requests/pagination.ts';
import { type CredentialKey, hasKey } from '../credential-kinds.repository.ts';
import { type ChangeRefusal, refusalOf } from '../credentials.repository.ts';

/** The key of one endpoint, with its partner. */
export type EndpointKey = CredentialKey;

/** The properties of an endpoint that the partner sets. */
export interface EndpointValues {
  readonly url: string;
  readonly description: string;
  /** A JSON array; null for all types. */
  readonly event_types: string | null;
  readonly disabled: boolean;
}

/** An endpoint as it is stored, without its secrets. Times are in milliseconds since 1970. */
export interface EndpointRow extends Omit<EndpointValues, 'disabled'> {
  readonly id: string;
  readonly created_at: number;
  readonly disabled_at: number | null;
  readonly disabled_reason: 'requested' | 'gone' | 'exhausted' | null;
  readonly failed_attempts: number;
  readonly next_attempt_at: number | null;
  readonly version: number;
}

/** Returns the types of events that an endpoint receives; null for all types. */
export const typesOf = (stored: string | null): EventType[] | null =>
  stored === null ? null : JSON.parse(stored);

/** The columns of an `EndpointRow`. */
export const endpointColumns = sql.raw(
  'id, url, description, event_types, created_at, disabled_at, disabled_reason, failed_attempts, next_attempt_at, version',
);

/** A change of one endpoint, and the state that the endpoint must be in. */
export interface EndpointChange {
  readonly change: Change;
  readonly id: string;
  /** The preconditions of the request (RFC 9110 §13.1). */
  readonly preconditions: Preconditions;
}

/** Returns the condition that a row is the endpoint of a change, and the same with its preconditions. */
function conditionsOf({ change, id, preconditions }: EndpointChange) {
  const isIt = hasKey({ partnerId: change.partnerId, id });
  return { isIt, applies: sql`${isIt} AND ${meets(preconditions)}` };
}

/** Returns the statement that selects the endpoint that matches a condition. */
const selectEndpoint = (condition: SQL) =>
  sql<EndpointRow>`SELECT ${endpointColumns} FROM webhook_endpoints WHERE ${condition}`;

/**
 * Returns the statement that records what a request does to an endpoint. Only that of a deletion stands before
 * the statement that makes the change.
 */
export function recordEndpointEvent(
  change: Change,
  action: 'created' | 'updated' | 'rotated' | 'deleted',
  condition: SQL,
) {
  const when = action === 'deleted' ? 'before' : 'after';
  return recordEvent(when, change, `webhook_endpoint.${action}`, {
    id: sql`id`,
    version: sql`version`,
    table: sql`webhook_endpoints`,
    condition,
  });
}

/** Returns one page of the partner's endpoints, newest first, and their total number. */
export async function listEndpoints(
  db: Database,
  partnerId: number,
  { limit, offset }: Page,
): Promise<{ rows: EndpointRow[]; total: number }> {
  const { rows, counted } = await db.read({
    rows: sql<EndpointRow>`SELECT ${endpointColumns} FROM webhook_endpoints
      WHERE partner_id = ${partnerId} ORDER BY created_at DESC, id DESC LIMIT ${limit} OFFSET ${offset}`,
    counted: sql<{ total: number }>`SELECT count(*) AS total FROM webhook_endpoints
      WHERE partner_id = ${partnerId}`,
  });
  return { rows, total: counted[0]?.total ?? 0 };
}

/** Returns the partner's endpoint, or undefined if it does not exist or belongs to another partner. */
export async function findEndpoint(
  db: Database,
  key: EndpointKey,
): Promise<EndpointRow | undefined> {
  const { found } = await db.read({ found: selectEndpoint(hasKey(key)) });
  return found[0];
}

/**
 * Returns the assignments that replace an endpoint. An endpoint that is enabled again, or that has new types,
 * has no failed attempts, and neither it nor one with a new URL waits for its next attempt. Its place in the feed
 * stays.
 */
function assignments({ url, description, event_types, disabled }: EndpointValues, now: number) {
  const isSame = sql`disabled_at IS NULL AND event_types IS ${event_types}`;
  const state = disabled
    ? sql`next_attempt_at = NULL, disabled_at = coalesce(disabled_at, ${now}),
        disabled_reason = coalesce(disabled_reason, 'requested')`
    : sql`next_attempt_at = iif(${isSame} AND url = ${url}, next_attempt_at, NULL),
        failed_attempts = iif(${isSame}, failed_attempts, 0),
        disabled_at = NULL, disabled_reason = NULL`;
  return sql`url = ${url}, description = ${description}, event_types = ${event_types}, ${state},
    version = version + 1`;
}

/** @returns the changed endpoint, or why it was not changed. */
export async function updateEndpoint(
  db: Database,
  request: EndpointChange,
  values: EndpointValues,
): Promise<EndpointRow | ChangeRefusal> {
  const { change, preconditions } = request;
  const { isIt, applies } = conditionsOf(request);
  const statements = (when: SQL) => ({
    update: sql<EndpointRow>`UPDATE webhook_endpoints SET ${assignments(values, change.now)}
      WHERE ${when} RETURNING ${endpointColumns}`,
    record: recordEndpointEvent(change, 'updated', isIt),
    present: selectEndpoint(isIt),
  });
  const { rows, repeated } = await db.write(statements(applies), () =>
    statements(sql`${applies} AND ${isUnrecorded(change)}`),
  );
  const [updated] = rows.update;
  const [present] = rows.present;
  if (updated === undefined && repeated && present !== undefined) {
    const isOurs =
      areMet(preconditions, present.version - 1) &&
      present.url === values.url &&
      present.description === values.description &&
      present.event_types === values.event_types &&
      (present.disabled_at !== null) === values.disabled;
    if (isOurs) {
      return present;
    }
  }
  return updated ?? refusalOf(present, repeated);
}

/**
 * Deletes the partner's endpoint. The scheduled task removes its deliveries, which can be many.
 *
 * @returns `'done'`, or why the endpoint was not deleted.
 */
export async function deleteEndpoint(
  db: Database,
  request: EndpointChange,
): Promise<'done' | ChangeRefusal> {
  const { isIt, applies } = conditionsOf(request);
  const rows = await writeOnce(db, request.change, {
    record: recordEndpointEvent(request.change, 'deleted', applies),
    remove: sql<{ id: string }>`DELETE FROM webhook_endpoints WHERE ${applies} RETURNING id`,
    present: selectEndpoint(isIt),
  });
  if (rows === 'recorded' || rows.remove.length > 0) {
    return 'done';
  }
  return refusalOf(rows.present[0], false);
}

/** A new secret of an endpoint, sealed, and how long the current one signs too. */
export interface NewSecret {
  readonly sealed: string;
  readonly overlapSeconds: number;
}

/**
 * Replaces the secret of the partner's endpoint. The current secret becomes the retired one, and an older
 * retired one ends. Without an overlap, none is kept.
 *
 * @returns the rotated endpoint, or why it was not rotated.
 */
export async function rotateEndpointSecret(
  db: Database,
  request: EndpointChange,
  { sealed, overlapSeconds }: NewSecret,
): Promise<EndpointRow | ChangeRefusal> {
  const { change } = request;
  const { isIt, applies } = conditionsOf(request);
  const keeps = overlapSeconds > 0;
  const after = {
    present: sql<EndpointRow & { rotated: 0 | 1 }>`SELECT ${endpointColumns},
        secret = ${sealed} AS rotated
      FROM webhook_endpoints WHERE ${isIt}`,
  };
  const rows = await writeOnce(db, change, {
    rotate: sql<EndpointRow>`UPDATE webhook_endpoints SET secret = ${sealed},
        retired_secret = ${keeps ? sql`secret` : sql`NULL`},
        retired_expires_at = ${keeps ? change.now + overlapSeconds * 1000 : null},
        version = version + 1
      WHERE ${applies} RETURNING ${endpointColumns}`,
    record: recordEndpointEvent(change, 'rotated', isIt),
    ...after,
  });
  const isRecorded = rows === 'recorded';
  const [present] = (isRecorded ? await db.readPrimary(after) : rows).present;
  return present?.rotated === 1 ? present : refusalOf(present, isRecorded);
}
