import { type SQL, sql } from 'drizzle-orm';
import { tokensFromAfter } from '../../auth/access-tokens.ts';
import { type Database, requireCertain } from '../../db/client.ts';
import { type Change, isUnrecorded } from '../../db/events.ts';
import { areMet, meets, type Preconditions } from '../../db/versions.ts';
import { writeOnce } from '../../db/write-once.ts';
import type { Page } from '../../http/requests/pagination.ts';
import { recordCredentialEvent } from './credential-events.repository.ts';
import {
  type CredentialKey,
  type CredentialKind,
  type CredentialRow,
  columnsOf,
  hasKey,
  idsOf,
  selectOne,
  tableOf,
} from './credential-kinds.repository.ts';

/** The properties of a credential that the partner sets. */
export interface CredentialValues {
  readonly name: string;
  /** The scopes of a client, space-delimited. */
  readonly scopes?: string;
  /** Milliseconds since 1970; null if the credential never expires. */
  readonly expires_at: number | null;
  readonly disabled: boolean;
}

/** A change of one credential, and the state that the credential must be in. */
export interface CredentialChange {
  readonly change: Change;
  readonly id: string;
  /** The preconditions of the request (RFC 9110 §13.1). */
  readonly preconditions: Preconditions;
}

/** Returns the key of the credential that a request changes. */
export const keyOf = ({ change, id }: CredentialChange): CredentialKey => ({
  partnerId: change.partnerId,
  id,
});

/** Returns one page of the partner's credentials, newest first, and their total number. */
export async function listCredentials(
  db: Database,
  kind: CredentialKind,
  partnerId: number,
  { limit, offset }: Page,
): Promise<{ rows: CredentialRow[]; total: number }> {
  const {
    rows,
    counted: [counted],
  } = await db.read({
    rows: sql<CredentialRow>`SELECT ${columnsOf(kind)} FROM ${tableOf(kind)}
      WHERE partner_id = ${partnerId}
      ORDER BY created_at DESC, id DESC LIMIT ${limit} OFFSET ${offset}`,
    counted: sql<{ total: number }>`SELECT count(*) AS total FROM ${tableOf(kind)}
      WHERE partner_id = ${partnerId}`,
  });
  return { rows, total: counted?.total ?? 0 };
}

/** Returns the partner's credential, or undefined if it does not exist or belongs to another partner. */
export async function findCredential(
  db: Database,
  kind: CredentialKind,
  key: CredentialKey,
): Promise<CredentialRow | undefined> {
  const {
    found: [row],
  } = await db.read({ found: selectOne(kind, key) });
  return row;
}

/** Why a credential was not changed. */
export type ChangeRefusal = 'not-found' | 'other-version';

/**
 * Returns why a change matched no row.
 *
 * @param present the current row, if it exists.
 * @param repeated whether the write was attempted more than once.
 * @throws DatabaseUnavailable if an earlier attempt of the same write may have changed the row, so that
 * the outcome is unknown.
 */
export function refusalOf(present: object | undefined, repeated: boolean): ChangeRefusal {
  if (present === undefined) {
    return 'not-found';
  }
  requireCertain(repeated);
  return 'other-version';
}

/**
 * Replaces the properties that the partner sets. An earlier expiry also applies to retired secrets that
 * are still valid. Disabling the credential ends those secrets permanently.
 *
 * @returns the changed credential, or why it was not changed.
 */
export async function updateCredential(
  db: Database,
  kind: CredentialKind,
  request: CredentialChange,
  values: CredentialValues,
): Promise<CredentialRow | ChangeRefusal> {
  const { change, preconditions } = request;
  const key = keyOf(request);
  const condition = sql`${hasKey(key)} AND ${meets(preconditions)}`;
  const statements = (when: SQL) => ({
    ...updateStatements(kind, when, values, change.now),
    record: recordCredentialEvent(change, kind, 'updated', hasKey(key)),
    present: selectOne(kind, key),
  });
  const { rows, repeated } = await db.write(statements(condition), () =>
    statements(sql`${condition} AND ${isUnrecorded(change)}`),
  );
  const [updated] = rows.update;
  const [present] = rows.present;
  if (updated === undefined && repeated && present !== undefined) {
    const isOurs =
      areMet(preconditions, present.version - 1) &&
      present.name === values.name &&
      present.scopes === values.scopes &&
      present.expires_at === values.expires_at &&
      (present.disabled_at !== null) === values.disabled;
    if (isOurs) {
      return present;
    }
  }
  return updated ?? refusalOf(present, repeated);
}

/** Returns the statements that replace the properties of the credential that matches a condition. */
function updateStatements(
  kind: CredentialKind,
  condition: SQL,
  { name, scopes, expires_at, disabled }: CredentialValues,
  now: number,
) {
  const end = disabled ? now : (expires_at ?? Number.MAX_SAFE_INTEGER);
  return {
    // This runs before the row itself is changed, because the condition no longer holds afterwards.
    capRetiredExpiry: capRetiredExpiry(kind, idsOf(kind, condition), end),
    update: sql<CredentialRow>`UPDATE ${tableOf(kind)} SET name = ${name}, expires_at = ${expires_at},
        ${scopes === undefined ? sql`` : sql`scopes = ${scopes},`}
        ${disabled ? sql`` : enablingAssignments(kind, now)}
        disabled_at = ${disabled ? sql`coalesce(disabled_at, ${now})` : sql`NULL`},
        version = version + 1
      WHERE ${condition} RETURNING ${columnsOf(kind)}`,
  };
}

/**
 * Returns the additional assignments of an UPDATE that enables a credential. They revoke the tokens that a
 * client had before it was disabled, so that they stay invalid after it is re-enabled.
 *
 * @param now milliseconds since 1970.
 */
export function enablingAssignments({ table }: CredentialKind, now: number): SQL {
  return table === 'clients'
    ? sql`tokens_from = iif(disabled_at IS NULL, tokens_from, ${tokensFromAfter(now)}),`
    : sql``;
}

/**
 * Returns the statement that makes retired secrets expire no later than a given time.
 *
 * @param owners SQL for the ids of the credentials that the secrets belong to.
 * @param end milliseconds since 1970.
 */
export function capRetiredExpiry({ owner }: CredentialKind, owners: SQL, end: number) {
  return sql<never>`UPDATE retired_secrets SET expires_at = min(expires_at, ${end})
    WHERE ${sql.identifier(owner)} IN ${owners}`;
}

/** Returns the statements that delete credentials with all their secrets. `delete` returns the deleted rows. */
export function deleteStatements(kind: CredentialKind, condition: SQL) {
  const owner = sql.identifier(kind.owner);
  const owners = idsOf(kind, condition);
  return {
    deleteRetired: sql<never>`DELETE FROM retired_secrets WHERE ${owner} IN ${owners}`,
    deleteLeaked: sql<never>`DELETE FROM leaked_secrets WHERE ${owner} IN ${owners}`,
    delete: sql<CredentialRow>`DELETE FROM ${tableOf(kind)} WHERE ${condition}
      RETURNING ${columnsOf(kind)}`,
  };
}

/**
 * Deletes the partner's credential with all its secrets.
 *
 * @returns `'done'`, or why the credential was not deleted.
 * @throws DatabaseUnavailable if the outcome is unknown because the write was attempted more than once.
 */
export async function deleteCredential(
  db: Database,
  kind: CredentialKind,
  request: CredentialChange,
): Promise<'done' | ChangeRefusal> {
  const { change, preconditions } = request;
  const key = keyOf(request);
  const condition = sql`${hasKey(key)} AND ${meets(preconditions)}`;
  const rows = await writeOnce(db, change, {
    record: recordCredentialEvent(change, kind, 'deleted', condition),
    ...deleteStatements(kind, condition),
    present: selectOne(kind, key),
  });
  if (rows === 'recorded' || rows.delete.length > 0) {
    return 'done';
  }
  return refusalOf(rows.present[0], false);
}
