import { type SQL, sql } from 'drizzle-orm';
import { recordOperation } from '../system/owned.repository.ts';
import type { StoredSecret } from '../system/owned-kind.repository.ts';
import { webhookEndpoint } from '../system/webhook-endpoints/webhook-endpoints.repository.ts';

/** The current secret of a webhook endpoint that has leaked. */
export interface LeakedWebhookSecret {
  /** The endpoint. */
  readonly id: string;
  /** SHA-256 of the secret, in hex. */
  readonly sha256: string;
}

/** The new secret of a webhook endpoint in place of a leaked one. */
export interface Replacement extends LeakedWebhookSecret {
  readonly by: StoredSecret;
}

/** Returns the statement that finds the webhook endpoints whose current secret has leaked. */
export const findLeakedCurrent = (digests: SQL) =>
  sql<LeakedWebhookSecret>`SELECT id, secret_sha256 AS sha256 FROM webhook_endpoints
    WHERE secret_sha256 IN ${digests}`;

/**
 * Returns the statements that replace leaked current secrets of webhook endpoints by new ones, without an overlap.
 * A secret that a rotation has replaced since it was looked up is no longer the current one, and stays for
 * `revokeRetiredWebhookSecrets`.
 */
export function replaceWebhookSecrets(replacements: readonly Replacement[], now: number) {
  const list = JSON.stringify(replacements);
  const isStillThere = sql`(id, secret_sha256) IN (
    SELECT value ->> 'id', value ->> 'sha256' FROM json_each(${list}))`;
  return {
    recordRotated: recordOperation(webhookEndpoint, 'rotated', isStillThere, now),
    keepWebhook: sql<never>`INSERT INTO leaked_secrets (sha256, webhook_endpoint_id, leaked_at)
      SELECT secret_sha256, id, ${now} FROM webhook_endpoints WHERE ${isStillThere}`,
    replaceWebhook: sql<never>`UPDATE webhook_endpoints
      SET secret = value ->> '$.by.secret', secret_sha256 = value ->> '$.by.secret_sha256',
        retired_secret = NULL, retired_sha256 = NULL, retired_expires_at = NULL, version = version + 1
      FROM json_each(${list}) AS replacement
      WHERE webhook_endpoints.id = replacement.value ->> 'id' AND secret_sha256 = replacement.value ->> 'sha256'`,
  };
}

/** Returns the statements that end leaked retired secrets of webhook endpoints at once. */
export function revokeRetiredWebhookSecrets(digests: SQL, now: number) {
  const hasLeaked = sql`retired_sha256 IN ${digests}`;
  return {
    recordRetiredWebhook: recordOperation(webhookEndpoint, 'updated', hasLeaked, now),
    keepRetiredWebhook: sql<never>`INSERT INTO leaked_secrets (sha256, webhook_endpoint_id, leaked_at)
      SELECT retired_sha256, id, ${now} FROM webhook_endpoints WHERE ${hasLeaked}`,
    endRetiredWebhook: sql<never>`UPDATE webhook_endpoints
      SET retired_secret = NULL, retired_sha256 = NULL, retired_expires_at = NULL, version = version + 1
      WHERE ${hasLeaked}`,
  };
}
