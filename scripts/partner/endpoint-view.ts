import { type SQL, sql } from 'drizzle-orm';
import { formatDateTime } from '../../src/http/fields/date-time.ts';
import type { DisabledReason } from '../../src/resources/system/webhook-endpoints/webhook-endpoints.repository.ts';

/** A webhook endpoint as the commands read it. Times are milliseconds since 1970. */
export interface EndpointRow {
  readonly id: string;
  /** The name of the partner. */
  readonly partner: string;
  readonly url: string;
  readonly disabled_at: number | null;
  readonly disabled_reason: DisabledReason | null;
  /** Whether its URL has agreed to receive events. */
  readonly has_agreed: 0 | 1;
  readonly failed_attempts: number;
  readonly next_attempt_at: number | null;
  /** How many events it is behind, including those that it does not receive. */
  readonly behind: number;
}

/** Returns the statement that selects the webhook endpoints that match a condition, by their partners. */
export const endpointsWhere = (condition: SQL) =>
  sql<EndpointRow>`SELECT id, (SELECT name FROM partners WHERE partners.id = partner_id) AS partner, url,
      disabled_at, disabled_reason, consented_url IS url AS has_agreed, failed_attempts,
      iif(disabled_at IS NULL, next_attempt_at, NULL) AS next_attempt_at,
      coalesce((SELECT max(sequence) FROM events WHERE events.partner_id = webhook_endpoints.partner_id), 0)
        - position AS behind
    FROM webhook_endpoints WHERE ${condition} ORDER BY partner_id, created_at DESC, id DESC`;

/** A webhook endpoint with the member names of the API, and with what only the operator sees. */
export interface EndpointView {
  readonly id: string;
  readonly partner: string;
  readonly url: string;
  readonly disabled: boolean;
  readonly disabled_at: string | null;
  readonly disabled_reason: DisabledReason | null;
  /** Whether the URL has agreed to receive events. */
  readonly consent: boolean;
  readonly failed_attempts: number;
  readonly next_attempt_at: string | null;
  /** How many events it is behind. */
  readonly behind: number;
}

/** Returns a time as the views show it. */
export const time = (milliseconds: number | null) =>
  milliseconds === null ? null : formatDateTime(milliseconds);

/** Converts a row to the view of a webhook endpoint. */
export function endpointView(row: EndpointRow): EndpointView {
  const { id, partner, url, disabled_at, disabled_reason, failed_attempts, behind } = row;
  return {
    ...{ id, partner, url, disabled: disabled_at !== null, disabled_at: time(disabled_at) },
    ...{ disabled_reason, consent: row.has_agreed === 1, failed_attempts },
    ...{ next_attempt_at: time(row.next_attempt_at), behind },
  };
}
