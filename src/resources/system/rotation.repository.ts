import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/client.ts';
import { meets } from '../../db/versions.ts';
import {
  type ChangeRefusal,
  type CredentialCondition,
  type CredentialKind,
  type CredentialRow,
  columnsOf,
  idsOf,
  isThe,
  refusalOf,
  tableOf,
} from './credentials.repository.ts';
import { RETIRED_KEPT_MS } from './idempotency.repository.ts';

/** Seconds that an old secret may stay valid: 30 days. */
export const MAX_OVERLAP = 2_592_000;
/** Old secrets that one credential has at most; with one more the oldest ends. */
const MAX_RETIRED = 5;
/** Old secrets that are kept of one credential, ended ones included, however often it is rotated. */
const MAX_KEPT = 50;

export interface Rotation {
  /** SHA-256 of the new secret, in hex. */
  readonly sha256: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Seconds for which the present secret stays valid. */
  readonly overlap: number;
}

/**
 * The statements of a rotation, in order; the last one gives the changed row. They do no harm
 * when they run again: a secret that is the present one already is no second rotation. Older secrets
 * end no later than the present one will, and none lives longer than it was going to: that of a
 * credential which is disabled ends now, so that enabling does not bring it back.
 *
 * @param condition which row, and in which state it must be.
 */
export function rotationStatements(
  kind: CredentialKind,
  condition: SQL,
  { sha256, now, overlap }: Rotation,
) {
  const secret = sql.identifier(kind.secret);
  const owner = sql.identifier(kind.owner);
  const until = now + overlap * 1000;
  const rotated = sql`${condition} AND ${secret} <> ${sha256}`;
  const id = idsOf(kind, rotated);
  const newest = sql`ORDER BY retired_at DESC, expires_at DESC`;
  const valid = sql`SELECT sha256 FROM retired_secrets WHERE ${owner} = ${id} AND expires_at > ${now}
    ${newest} LIMIT ${MAX_RETIRED - 1}`;
  return [
    sql<never>`UPDATE retired_secrets
      SET expires_at = min(expires_at, iif(sha256 IN (${valid}), ${until}, ${now}))
      WHERE ${owner} = ${id}`,
    sql<never>`INSERT INTO retired_secrets (sha256, ${owner}, retired_at, expires_at)
      SELECT ${secret}, id, ${now},
        iif(disabled_at IS NULL, min(${until}, coalesce(expires_at, ${until})), ${now})
      FROM ${tableOf(kind)} WHERE ${rotated}`,
    sql<never>`DELETE FROM retired_secrets WHERE ${owner} = ${id}
      AND (expires_at <= ${now - RETIRED_KEPT_MS} OR sha256 NOT IN (
        SELECT sha256 FROM retired_secrets WHERE ${owner} = ${id} ${newest} LIMIT ${MAX_KEPT}))`,
    sql<CredentialRow>`UPDATE ${tableOf(kind)} SET ${secret} = ${sha256}, version = version + 1
      WHERE ${rotated} RETURNING ${columnsOf(kind)}`,
  ] as const;
}

/**
 * Gives the partner's credential a new secret.
 *
 * @returns the credential, else why not.
 */
export async function rotateSecret(
  db: Database,
  kind: CredentialKind,
  { preconditions, ...key }: CredentialCondition,
  rotation: Rotation,
): Promise<CredentialRow | ChangeRefusal> {
  const condition = sql`${isThe(key)} AND ${meets(preconditions)}`;
  const { rows, repeated } = await db.write([
    ...rotationStatements(kind, condition, rotation),
    sql<CredentialRow & { rotated: 0 | 1 }>`SELECT ${columnsOf(kind)},
        ${sql.identifier(kind.secret)} = ${rotation.sha256} AS rotated
      FROM ${tableOf(kind)} WHERE ${isThe(key)}`,
  ]);
  const [, , , [changed], [present]] = rows;
  if (changed !== undefined) {
    return changed;
  }
  // An earlier run of this very write did it: the secret is ours.
  return present?.rotated === 1 ? present : refusalOf(present, repeated);
}
