import { type SQL, sql } from 'drizzle-orm';
import { tokensFromAfter } from '../../auth/access-tokens.ts';
import { type Database, requireCertain } from '../../db/client.ts';
import { meets, type Preconditions } from '../../db/versions.ts';
import type { Page } from '../../http/requests/pagination.ts';
import {
  type CredentialKey,
  type CredentialKind,
  type CredentialRow,
  columnsOf,
  idsOf,
  isThe,
  selectOne,
  tableOf,
} from './credential-kinds.repository.ts';

/** The properties of a credential that its partner chooses. */
export interface CredentialValues {
  readonly name: string;
  /** The scopes of a client, space-delimited. */
  readonly scopes?: string;
  /** Milliseconds since 1970; null if the credential never expires. */
  readonly expires_at: number | null;
  readonly disabled: boolean;
}

/** The credential that a change is about. */
export interface CredentialCondition extends CredentialKey {
  /** What the request demands of the present state. */
  readonly preconditions: Preconditions;
}

/** Returns one page of the partner's credentials, newest first, and how many there are. */
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

/** Returns the partner's credential; undefined also when it belongs to another partner. */
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
 * Returns why a change found nothing to change.
 *
 * @throws DatabaseUnavailable when an earlier attempt may have changed it.
 */
export function refusalOf(present: CredentialRow | undefined, repeated: boolean): ChangeRefusal {
  if (present === undefined) {
    return 'not-found';
  }
  requireCertain(repeated);
  return 'other-version';
}

/**
 * Replaces what the partner chose. An earlier expiry also ends the secrets that a rotation left valid,
 * and disabling ends those permanently.
 *
 * @param now milliseconds since 1970.
 * @returns the changed credential, otherwise why it did not change.
 */
export async function updateCredential(
  db: Database,
  kind: CredentialKind,
  { preconditions, ...key }: CredentialCondition,
  { name, scopes, expires_at, disabled }: CredentialValues,
  now: number,
): Promise<CredentialRow | ChangeRefusal> {
  const condition = sql`${isThe(key)} AND ${meets(preconditions)}`;
  const end = disabled ? now : (expires_at ?? Number.MAX_SAFE_INTEGER);
  const {
    rows: {
      update: [updated],
      present: [present],
    },
    repeated,
  } = await db.write({
    // Before the row itself, while the condition still holds.
    endRetired: endRetired(kind, idsOf(kind, condition), end),
    update: sql<CredentialRow>`UPDATE ${tableOf(kind)} SET name = ${name}, expires_at = ${expires_at},
        ${scopes === undefined ? sql`` : sql`scopes = ${scopes},`}
        ${disabled ? sql`` : onEnabling(kind, now)}
        disabled_at = ${disabled ? sql`coalesce(disabled_at, ${now})` : sql`NULL`},
        version = version + 1
      WHERE ${condition} RETURNING ${columnsOf(kind)}`,
    present: selectOne(kind, key),
  });
  return updated ?? refusalOf(present, repeated);
}

/**
 * Returns the further assignments of an UPDATE that enables: a re-enabled client does not get back
 * the tokens that it had before.
 *
 * @param now milliseconds since 1970.
 */
export function onEnabling({ table }: CredentialKind, now: number): SQL {
  return table === 'clients'
    ? sql`tokens_from = iif(disabled_at IS NULL, tokens_from, ${tokensFromAfter(now)}),`
    : sql``;
}

/**
 * Returns the statement after which the secrets that a rotation left valid end no later than `end`.
 *
 * @param owners SQL that gives the ids of their credentials.
 * @param end milliseconds since 1970.
 */
export function endRetired({ owner }: CredentialKind, owners: SQL, end: number) {
  return sql<never>`UPDATE retired_secrets SET expires_at = min(expires_at, ${end})
    WHERE ${sql.identifier(owner)} IN ${owners}`;
}

/** Returns the statements that delete credentials with all their secrets; `delete` gives the rows. */
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
 * Deletes the credential with all its secrets.
 *
 * @returns 'done', otherwise why it was not deleted.
 */
export async function deleteCredential(
  db: Database,
  kind: CredentialKind,
  { preconditions, ...key }: CredentialCondition,
): Promise<'done' | ChangeRefusal> {
  const condition = sql`${isThe(key)} AND ${meets(preconditions)}`;
  const {
    rows: {
      delete: [deleted],
      present: [present],
    },
    repeated,
  } = await db.write({ ...deleteStatements(kind, condition), present: selectOne(kind, key) });
  if (deleted !== undefined) {
    return 'done';
  }
  requireCertain(repeated && present === undefined);
  return refusalOf(present, repeated);
}
