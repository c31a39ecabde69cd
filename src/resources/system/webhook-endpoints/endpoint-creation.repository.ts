import { sql } from 'drizzle-orm';
import type { Database } from '../../../db/client.ts';
import type { Change } from '../../../db/events.ts';
import {
  type IdempotencyKey,
  isUnused,
  keepKey,
  keptKey,
  resultOf,
} from '../../../db/idempotency.ts';
import { writeOnce } from '../../../db/write-once.ts';
import { hasKey } from '../credential-kinds.repository.ts';
import {
  type EndpointRow,
  type EndpointValues,
  endpointColumns,
  recordEndpointEvent,
} from './webhook-endpoints.repository.ts';

/** The most webhook endpoints that a partner may have. Disabled ones count too. */
export const MAX_ENDPOINTS = 5;

/** An endpoint that is to be created. Its id and its secret are newly generated. */
export interface NewEndpoint extends EndpointValues {
  readonly id: string;
  /** Sealed. */
  readonly secret: string;
}

/** The part of a created endpoint that is stored with its idempotency key. */
type Created = Pick<EndpointRow, 'id' | 'created_at'>;

/** An endpoint as the request that created it returned it. */
export interface EndpointInsertion {
  readonly row: EndpointRow;
  /** Whether an earlier request with the same idempotency key created it. */
  readonly isReplay: boolean;
}

/**
 * Inserts an endpoint, together with its idempotency key if the request has one. Its place is the newest event
 * of the partner before its own creation is recorded.
 *
 * @returns the created endpoint. If the partner used the key before within its lifetime, returns the endpoint as
 * it was first returned, even if it has changed or been deleted since. Otherwise returns why it was not created.
 */
export async function insertEndpoint(
  db: Database,
  endpoint: NewEndpoint,
  change: Change,
  once: IdempotencyKey | undefined,
): Promise<EndpointInsertion | 'key-reused' | 'too-many'> {
  const { id, secret, disabled, url, description, event_types } = endpoint;
  const { partnerId, now } = change;
  const use = once && { ...once, space: 'webhook-endpoints' as const, partnerId, now };
  const isIt = hasKey({ partnerId, id });
  const rows = await writeOnce(db, change, {
    insert: sql<EndpointRow>`INSERT INTO webhook_endpoints (id, partner_id, created_at, url, description,
        event_types, disabled_at, disabled_reason, secret, position)
      SELECT ${id}, ${partnerId}, ${now}, ${url}, ${description}, ${event_types},
        ${disabled ? now : null}, ${disabled ? 'requested' : null}, ${secret},
        coalesce((SELECT max(sequence) FROM events WHERE partner_id = ${partnerId}), 0)
      WHERE ${use ? isUnused(use) : sql`true`}
        AND (SELECT count(*) FROM webhook_endpoints WHERE partner_id = ${partnerId}) < ${MAX_ENDPOINTS}
      RETURNING ${endpointColumns}`,
    record: recordEndpointEvent(change, 'created', isIt),
    keepKey:
      use &&
      keepKey(
        use,
        sql`SELECT json_object('id', id, 'created_at', created_at) AS result
          FROM webhook_endpoints WHERE ${isIt}`,
      ),
    kept: use && keptKey<Created>(use),
  });
  const isCreated = rows === 'recorded' || rows.insert.length > 0;
  const kept = isCreated ? undefined : rows.kept?.[0];
  if (kept !== undefined && kept.fingerprint !== once?.fingerprint) {
    return 'key-reused';
  }
  if (!isCreated && kept === undefined) {
    return 'too-many';
  }
  const first = kept === undefined ? { id, created_at: now } : resultOf(kept);
  return {
    isReplay: !isCreated,
    row: {
      ...{ url, description, event_types, ...first },
      disabled_at: disabled ? first.created_at : null,
      disabled_reason: disabled ? 'requested' : null,
      failed_attempts: 0,
      next_attempt_at: null,
      version: 1,
    },
  };
}
