import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/client.ts';
import { type IdempotencyKey, isUnused, keepKey, keptKey, resultOf } from '../../db/idempotency.ts';
import {
  type CredentialKind,
  type CredentialRow,
  columnList,
  columnsOf,
  isThe,
  selectOne,
  tableOf,
} from './credential-kinds.repository.ts';
import type { CredentialValues } from './credentials.repository.ts';

/** The most clients, and the most API keys, that a partner may have, valid or not. */
export const MAX_CREDENTIALS = 5;

/** A credential that is to be created. Its id and the SHA-256 of its secret are new. */
export interface NewCredential extends CredentialValues {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly created_at: number;
  readonly sha256: string;
}

/**
 * Returns the statement that inserts a credential under a condition, if the partner may have one more.
 *
 * @param partnerId the partner, or SQL that gives its id.
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

/** What an idempotency key keeps of the credential that it created; times in milliseconds since 1970. */
interface Created {
  readonly id: string;
  readonly created_at: number;
}

/** A credential as it was first returned. */
export interface Insertion {
  readonly row: CredentialRow;
  /** Whether an earlier request with the same idempotency key created it. */
  readonly isReplay: boolean;
}

/**
 * Writes a credential, with its idempotency key if there is one.
 *
 * @returns for a key that the partner used within its lifetime, the credential as it was first
 * returned, also when it has changed, expired or been deleted since; otherwise why there is none.
 */
export async function insertCredential(
  db: Database,
  kind: CredentialKind,
  partnerId: number,
  credential: NewCredential,
  once: IdempotencyKey | undefined,
): Promise<Insertion | 'key-reused' | 'too-many' | 'ended'> {
  const { id, created_at: now, sha256: _sha256, disabled, ...values } = credential;
  const use = once && { ...once, space: 'credentials' as const, partnerId, now };
  const hasEnded = values.expires_at !== null && values.expires_at <= now;
  const when = hasEnded ? sql`false` : use ? isUnused(use) : sql`true`;
  const created = sql`SELECT json_object('id', id, 'created_at', created_at) AS result
    FROM ${tableOf(kind)} WHERE ${isThe({ partnerId, id })}`;
  const { rows } = await db.write({
    insert: insertStatement(kind, partnerId, credential, when),
    present: selectOne(kind, { partnerId, id }),
    keepKey: use && keepKey(use, created),
    kept: use && keptKey<Created>(use),
  });
  const kept = rows.kept?.[0];
  if (kept !== undefined && kept.fingerprint !== once?.fingerprint) {
    return 'key-reused';
  }
  // It is also present when an earlier attempt of this very write inserted it: then the id is the same.
  const isMade = rows.present.length > 0;
  if (!isMade && kept === undefined) {
    return hasEnded ? 'ended' : 'too-many';
  }
  const made = kept === undefined ? { id, created_at: now } : resultOf(kept);
  return {
    isReplay: !isMade,
    row: {
      ...values,
      ...made,
      last_used_at: null,
      disabled_at: disabled ? made.created_at : null,
      version: 1,
    },
  };
}
