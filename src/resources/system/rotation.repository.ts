import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/client.ts';
import { meets } from '../../db/versions.ts';
import { writeOnce } from '../../db/write-once.ts';
import { recordCredentialEvent } from './credential-events.repository.ts';
import {
  type CredentialKind,
  type CredentialRow,
  columnsOf,
  hasKey,
  idsOf,
  tableOf,
} from './credential-kinds.repository.ts';
import {
  type ChangeRefusal,
  type CredentialChange,
  keyOf,
  refusalOf,
} from './credentials.repository.ts';
import { RETIRED_SECRET_RETENTION_MS } from './retired-secrets.repository.ts';

/** The longest time for which a retired secret may stay valid, in seconds: 30 days. */
export const MAX_OVERLAP_S = 2_592_000;
/** The most valid retired secrets of one credential. A further rotation ends the oldest of them. */
const MAX_VALID_RETIRED_SECRETS = 5;
/** The most stored retired secrets of one credential, including expired ones. */
const MAX_STORED_RETIRED_SECRETS = 50;

/** The parameters of a rotation. */
export interface Rotation {
  /** SHA-256 of the new secret, in hex. */
  readonly sha256: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How long the current secret stays valid, in seconds. */
  readonly overlapSeconds: number;
}

/**
 * Returns the statements of a rotation. `rotate` returns the changed row. The statements can safely run
 * again, because they change nothing if the new secret is already the current one. Older retired secrets
 * expire no later than the current secret will, and no expiry is extended. The current secret of a
 * disabled credential expires at once, so that it stays invalid after the credential is re-enabled.
 *
 * @param condition selects the row, including the state that it must be in.
 */
export function rotationStatements(
  kind: CredentialKind,
  condition: SQL,
  { sha256, now, overlapSeconds }: Rotation,
) {
  const secret = sql.identifier(kind.secret);
  const owner = sql.identifier(kind.owner);
  const until = now + overlapSeconds * 1000;
  const rotated = sql`${condition} AND ${secret} <> ${sha256}`;
  const id = idsOf(kind, rotated);
  const newest = sql`ORDER BY retired_at DESC, expires_at DESC`;
  const valid = sql`SELECT sha256 FROM retired_secrets WHERE ${owner} = ${id} AND expires_at > ${now}
    ${newest} LIMIT ${MAX_VALID_RETIRED_SECRETS - 1}`;
  return {
    endOlder: sql<never>`UPDATE retired_secrets
      SET expires_at = min(expires_at, iif(sha256 IN (${valid}), ${until}, ${now}))
      WHERE ${owner} = ${id}`,
    retire: sql<never>`INSERT INTO retired_secrets (sha256, ${owner}, retired_at, expires_at)
      SELECT ${secret}, id, ${now},
        iif(disabled_at IS NULL, min(${until}, coalesce(expires_at, ${until})), ${now})
      FROM ${tableOf(kind)} WHERE ${rotated}`,
    deleteOldest: sql<never>`DELETE FROM retired_secrets WHERE ${owner} = ${id}
      AND (expires_at <= ${now - RETIRED_SECRET_RETENTION_MS} OR sha256 NOT IN (
        SELECT sha256 FROM retired_secrets WHERE ${owner} = ${id} ${newest} LIMIT ${MAX_STORED_RETIRED_SECRETS}))`,
    rotate: sql<CredentialRow>`UPDATE ${tableOf(kind)}
      SET ${secret} = ${sha256}, version = version + 1
      WHERE ${rotated} RETURNING ${columnsOf(kind)}`,
  };
}

/**
 * Replaces the secret of the partner's credential.
 *
 * @returns the rotated credential, or why it was not rotated.
 */
export async function rotateSecret(
  db: Database,
  kind: CredentialKind,
  request: CredentialChange,
  rotation: Rotation,
): Promise<CredentialRow | ChangeRefusal> {
  const { change, preconditions } = request;
  const key = keyOf(request);
  const condition = sql`${hasKey(key)} AND ${meets(preconditions)}`;
  const after = {
    present: sql<CredentialRow & { rotated: 0 | 1 }>`SELECT ${columnsOf(kind)},
        ${sql.identifier(kind.secret)} = ${rotation.sha256} AS rotated
      FROM ${tableOf(kind)} WHERE ${hasKey(key)}`,
  };
  const rows = await writeOnce(db, change, {
    ...rotationStatements(kind, condition, rotation),
    record: recordCredentialEvent(change, kind, 'rotated', hasKey(key)),
    ...after,
  });
  const isRecorded = rows === 'recorded';
  const [present] = (isRecorded ? await db.readPrimary(after) : rows).present;
  return present?.rotated === 1 ? present : refusalOf(present, isRecorded);
}
