import { type SQL, sql } from 'drizzle-orm';
import type { EventType } from '../../../db/events.ts';
import { type Owned, ownedSql } from '../../../db/owned.ts';
import {
  columnsOf,
  type OwnedKind,
  type OwnedRow,
  type OwnedValues,
  type Rotation,
} from '../owned-kind.repository.ts';

/** The most webhook endpoints that a partner may have. Disabled ones count too. */
export const MAX_ENDPOINTS = 5;

/**
 * Why an endpoint can be disabled: by its partner, after a response of 410, after the last attempt for an event, or by
 * the operator, who alone can then enable it.
 */
export const disabledReasons = ['requested', 'gone', 'exhausted', 'operator'] as const;

export type DisabledReason = (typeof disabledReasons)[number];

/** The properties of an endpoint that the partner sets. */
export interface EndpointValues extends OwnedValues {
  readonly url: string;
  readonly description: string;
  /** A JSON array; null for all types. */
  readonly event_types: string | null;
}

/** An endpoint as it is stored, without its secrets. Times are in milliseconds since 1970. */
export interface EndpointRow extends OwnedRow, Omit<EndpointValues, 'disabled'> {
  readonly disabled_reason: DisabledReason | null;
  readonly failed_attempts: number;
  readonly next_attempt_at: number | null;
  /** The URL that agreed to receive events; null if none has. */
  readonly consented_url: string | null;
}

/** Returns the types of events that an endpoint receives; null for all types. */
export const typesOf = (stored: string | null): EventType[] | null =>
  stored === null ? null : JSON.parse(stored);

/** Webhook endpoints. Their secrets are stored sealed. */
export const webhookEndpoint: OwnedKind<EndpointValues, EndpointRow> = {
  subject: 'webhook_endpoint',
  table: 'webhook_endpoints',
  columns: [
    ...['id', 'url', 'description', 'event_types', 'created_at', 'disabled_at', 'disabled_reason'],
    ...['failed_attempts', 'next_attempt_at', 'consented_url', 'version'],
  ],
  retiredExpiry: sql`retired_expires_at`,
  secret: 'secret',
  space: 'webhook-endpoints',
  max: MAX_ENDPOINTS,
  tooMany: 'tooManyWebhookEndpoints',
  missing: 'There is no webhook endpoint with this identifier.',
  // An endpoint is created only after its receiver has agreed.
  initial: ({ disabled, url }) => ({
    consented_url: url,
    disabled_reason: disabled ? 'requested' : null,
    failed_attempts: 0,
    next_attempt_at: null,
  }),
  // The place of a new endpoint is the newest event before its own creation is recorded.
  computed: (partnerId) => ({
    position: sql`coalesce((SELECT max(sequence) FROM events WHERE partner_id = ${partnerId}), 0)`,
  }),
  updating: (condition, values, now) => ({ update: updateEndpoint(condition, values, now) }),
  deletingParts: (condition) => ({
    deleteLeaked: ownedSql<never>`DELETE FROM leaked_secrets WHERE webhook_endpoint_id IN (
      SELECT id FROM webhook_endpoints WHERE ${condition})`,
  }),
  rotating: (condition, rotation) => ({ update: rotate(condition, rotation) }),
};

/** The columns of an `EndpointRow`. */
export const endpointColumns = columnsOf(webhookEndpoint);

/** The condition that the operator disabled an endpoint. */
const isDisabledByOperator = sql`disabled_reason IS 'operator'`;

const update = (condition: Owned, values: SQL) =>
  ownedSql<EndpointRow>`UPDATE webhook_endpoints SET ${values} WHERE ${condition}
    RETURNING ${endpointColumns}`;

/**
 * Returns the assignments that replace an endpoint. One with a new URL is tried at once, and so is one that is enabled
 * after a 410 or after all attempts for an event failed, which then has no failed attempts. Any other change leaves the
 * wait as it is, also disabling and enabling, so that a partner cannot cause more attempts than the schedule has. The
 * place in the feed stays. An endpoint that the operator disabled stays disabled.
 */
function assignments({ url, description, event_types, disabled }: EndpointValues, now: number) {
  const isRevived = disabled ? sql`false` : sql`disabled_reason IN ('gone', 'exhausted')`;
  const state = disabled
    ? sql`disabled_at = coalesce(disabled_at, ${now}),
        disabled_reason = coalesce(disabled_reason, 'requested')`
    : sql`disabled_at = iif(${isDisabledByOperator}, disabled_at, NULL),
        disabled_reason = iif(${isDisabledByOperator}, disabled_reason, NULL)`;
  return sql`url = ${url}, description = ${description}, event_types = ${event_types}, ${state},
    next_attempt_at = iif(url <> ${url} OR ${isRevived}, NULL, next_attempt_at),
    failed_attempts = iif(${isRevived}, 0, failed_attempts),
    version = version + 1`;
}

/**
 * Returns the statement that replaces the values of an endpoint.
 *
 * @param consentedUrl the URL that has agreed, if the receiver has just been asked.
 */
export const updateEndpoint = (
  condition: Owned,
  values: EndpointValues,
  now: number,
  consentedUrl?: SQL,
): Owned<EndpointRow> =>
  update(
    condition,
    consentedUrl === undefined
      ? assignments(values, now)
      : sql`${assignments(values, now)}, consented_url = ${consentedUrl}`,
  );

/**
 * Returns the statement that replaces the secret of an endpoint. The current secret becomes the retired one, and
 * an older retired one ends. Without an overlap, none is kept.
 */
function rotate(condition: Owned, rotation: Rotation) {
  const { secret, secret_sha256 = null, now, overlapSeconds } = rotation;
  const keeps = overlapSeconds > 0;
  return update(
    condition,
    sql`secret = ${secret}, secret_sha256 = ${secret_sha256},
      retired_secret = ${keeps ? sql`secret` : sql`NULL`},
      retired_sha256 = ${keeps ? sql`secret_sha256` : sql`NULL`},
      retired_expires_at = ${keeps ? now + overlapSeconds * 1000 : null}, version = version + 1`,
  );
}
