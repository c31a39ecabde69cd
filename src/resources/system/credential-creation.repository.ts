import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/client.ts';
import type { Change } from '../../db/events.ts';
import { type IdempotencyKey, isUnused, keepKey, keptKey, resultOf } from '../../db/idempotency.ts';
import { writeOnce } from '../../db/write-once.ts';
import { recordCredentialEvent } from './credential-events.repository.ts';
import {
  type CredentialKind,
  type CredentialRow,
  columnList,
  columnsOf,
  hasKey,
  tableOf,
} from './credential-kinds.repository.ts';
import type { CredentialValues } from './credentials.repository.ts';

/** The most clients, and the most API keys, that a partner may have. Disabled and expired ones count too. */
export const MAX_CREDENTIALS = 5;

/** A credential that is to be created. Its id and its secret are newly generated. */
export interface NewCredential extends CredentialValues {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly created_at: number;
  /** SHA-256 of the secret, in hex. */
  readonly sha256: string;
}

/**
 * Returns the statement that inserts a credential if a condition holds and the partner has fewer than
 * `MAX_CREDENTIALS` of its kind.
 *
 * @param partnerId the id of the partner, or SQL that evaluates to it.
 * @param when the condition.
 */
export function insertStatement(
  kind: CredentialKind,
  partnerId: number | SQL,
  credential: NewCredential,
  when: SQL,
) {
  const { id, name, scopes, created_at, expires_at, disabled, sha256 } = credential;
  const values = {
    ...{ id, name, created_at, expires_at, partner_id: partnerId, [kind.secret]: sha256 },
    disabled_at: disabled ? created_at : null,
    ...(scopes !== undefined && { scopes }),
  };
  const given = Object.values(values).map((value) => sql`${value}`);
  return sql<CredentialRow>`INSERT INTO ${tableOf(kind)} (${columnList(Object.keys(values))})
    SELECT ${sql.join(given, sql`, `)}
    WHERE ${when} AND NOT EXISTS (SELECT 1 FROM ${tableOf(kind)} WHERE id = ${id})
      AND (SELECT count(*) FROM ${tableOf(kind)} WHERE partner_id = ${partnerId}) < ${MAX_CREDENTIALS}
    RETURNING ${columnsOf(kind)}`;
}

/** The part of a created credential that is stored with its idempotency key. */
interface Created {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly created_at: number;
}

/** A credential as the request that created it returned it. */
export interface Insertion {
  readonly row: CredentialRow;
  /** Whether an earlier request with the same idempotency key created it. */
  readonly isReplay: boolean;
}

/**
 * Inserts a credential, together with its idempotency key if the request has one.
 *
 * @param once the idempotency key of the request.
 * @returns the created credential. If the partner used the key before within its lifetime, returns the
 * credential as it was first returned, even if it has changed, expired or been deleted since. Otherwise
 * returns why the credential was not created.
 */
export async function insertCredential(
  db: Database,
  kind: CredentialKind,
  credential: NewCredential,
  change: Change,
  once: IdempotencyKey | undefined,
): Promise<Insertion | 'key-reused' | 'too-many' | 'expired'> {
  const { id, created_at: now, sha256: _sha256, disabled, ...values } = credential;
  const { partnerId } = change;
  const use = once && { ...once, space: 'credentials' as const, partnerId, now };
  const isExpired = values.expires_at !== null && values.expires_at <= now;
  const when = isExpired ? sql`false` : use ? isUnused(use) : sql`true`;
  const created = sql`SELECT json_object('id', id, 'created_at', created_at) AS result
    FROM ${tableOf(kind)} WHERE ${hasKey({ partnerId, id })}`;
  const rows = await writeOnce(db, change, {
    insert: insertStatement(kind, partnerId, credential, when),
    record: recordCredentialEvent(change, kind, 'created', hasKey({ partnerId, id })),
    keepKey: use && keepKey(use, created),
    kept: use && keptKey<Created>(use),
  });
  const isCreated = rows === 'recorded' || rows.insert.length > 0;
  const kept = isCreated ? undefined : rows.kept?.[0];
  if (kept !== undefined && kept.fingerprint !== once?.fingerprint) {
    return 'key-reused';
  }
  if (!isCreated && kept === undefined) {
    return isExpired ? 'expired' : 'too-many';
  }
  const first = kept === undefined ? { id, created_at: now } : resultOf(kept);
  return {
    isReplay: !isCreated,
    row: {
      ...values,
      ...first,
      last_used_at: null,
      disabled_at: disabled ? first.created_at : null,
      version: 1,
    },
  };
}
