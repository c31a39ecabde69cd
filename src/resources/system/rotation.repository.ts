import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/client.ts';
import { meets } from '../../db/versions.ts';
import {
  type CredentialKind,
  type CredentialRow,
  columnsOf,
  idsOf,
  isThe,
  tableOf,
} from './credential-kinds.repository.ts';
import {
  type ChangeRefusal,
  type CredentialCondition,
  refusalOf,
} from './credentials.repository.ts';
import { RETIRED_KEPT_MS } from './retired-secrets.repository.ts';

/** The longest time that an old secret may stay valid, in seconds: 30 days. */
export const MAX_OVERLAP = 2_592_000;
/** Valid retired secrets that one credential has at most. With one more, the oldest ends. */
const MAX_VALID_RETIRED = 5;
/** Retired secrets that are kept of one credential, ended ones included, however often it is rotated. */
const MAX_KEPT_RETIRED = 50;

/** What a rotation is to do. */
export interface Rotation {
  /** SHA-256 of the new secret, in hex. */
  readonly sha256: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Seconds for which the present secret stays valid. */
  readonly overlap: number;
}

/**
 * Returns the statements of a rotation; `rotate` gives the changed row. They do no harm when they run
 * again, because they do nothing where the new secret is the present one already. Older retired
 * secrets end no later than the present one will, and no secret is extended. The present secret of a
 * disabled credential ends now, so that enabling does not bring it back.
 *
 * @param condition which row, and the state that it must be in.
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
    ${newest} LIMIT ${MAX_VALID_RETIRED - 1}`;
  return {
    endOlder: sql<never>`UPDATE retired_secrets
      SET expires_at = min(expires_at, iif(sha256 IN (${valid}), ${until}, ${now}))
      WHERE ${owner} = ${id}`,
    retire: sql<never>`INSERT INTO retired_secrets (sha256, ${owner}, retired_at, expires_at)
      SELECT ${secret}, id, ${now},
        iif(disabled_at IS NULL, min(${until}, coalesce(expires_at, ${until})), ${now})
      FROM ${tableOf(kind)} WHERE ${rotated}`,
    deleteOldest: sql<never>`DELETE FROM retired_secrets WHERE ${owner} = ${id}
      AND (expires_at <= ${now - RETIRED_KEPT_MS} OR sha256 NOT IN (
        SELECT sha256 FROM retired_secrets WHERE ${owner} = ${id} ${newest} LIMIT ${MAX_KEPT_RETIRED}))`,
    rotate: sql<CredentialRow>`UPDATE ${tableOf(kind)}
      SET ${secret} = ${sha256}, version = version + 1
      WHERE ${rotated} RETURNING ${columnsOf(kind)}`,
  };
}

/**
 * Gives the partner's credential a new secret.
 *
 * @returns the credential, otherwise why it was not rotated.
 */
export async function rotateSecret(
  db: Database,
  kind: CredentialKind,
  { preconditions, ...key }: CredentialCondition,
  rotation: Rotation,
): Promise<CredentialRow | ChangeRefusal> {
  const condition = sql`${isThe(key)} AND ${meets(preconditions)}`;
  const {
    rows: {
      rotate: [rotated],
      present: [present],
    },
    repeated,
  } = await db.write({
    ...rotationStatements(kind, condition, rotation),
    present: sql<CredentialRow & { rotated: 0 | 1 }>`SELECT ${columnsOf(kind)},
        ${sql.identifier(kind.secret)} = ${rotation.sha256} AS rotated
      FROM ${tableOf(kind)} WHERE ${isThe(key)}`,
  });
  if (rotated !== undefined) {
    return rotated;
  }
  // An earlier attempt of this very write rotated it: the secret is the new one.
  return present?.rotated === 1 ? present : refusalOf(present, repeated);
}
