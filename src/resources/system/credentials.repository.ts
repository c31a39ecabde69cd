import { type SQL, sql } from 'drizzle-orm';
import { afterTokensOf } from '../../auth/access-tokens.ts';
import { type Database, requireCertain } from '../../db/client.ts';
import { meets, type Preconditions } from '../../db/versions.ts';
import type { IdempotencyKey } from '../../http/requests/idempotency-key.ts';
import type { Page } from '../../http/requests/pagination.ts';
import { isUnused, type KeptKey, keepKey, keptKey } from './idempotency.repository.ts';

/** Clients, and API keys, that a partner may have, whether they are good or not. */
export const MAX_CREDENTIALS = 5;

/** What tells the two kinds of credentials apart in the database. */
export interface CredentialKind {
  readonly table: 'clients' | 'api_keys';
  /** The column with the SHA-256 of the present secret. */
  readonly secret: 'secret_sha256' | 'sha256';
  /** The column of `retired_secrets` that names whose secret it was. */
  readonly owner: 'client_id' | 'api_key_id';
  /** Columns that only this kind has and that are answered. */
  readonly own: readonly string[];
}

export const client: CredentialKind = {
  table: 'clients',
  secret: 'secret_sha256',
  owner: 'client_id',
  own: ['scopes'],
};

export const apiKey: CredentialKind = {
  table: 'api_keys',
  secret: 'sha256',
  owner: 'api_key_id',
  own: [],
};

/** A client or an API key as it is stored; times are milliseconds since 1970. */
export interface CredentialRow {
  readonly id: string;
  readonly name: string;
  readonly created_at: number;
  readonly last_used_at: number | null;
  readonly expires_at: number | null;
  readonly disabled_at: number | null;
  readonly version: number;
  /** Of a client: space-delimited. */
  readonly scopes?: string;
}

/** What its partner chooses. */
export interface CredentialValues {
  readonly name: string;
  readonly scopes?: string;
  readonly expires_at: number | null;
  readonly disabled: boolean;
}

const common = ['id', 'name', 'created_at', 'last_used_at', 'expires_at', 'disabled_at', 'version'];

const list = (names: readonly string[]) =>
  sql.join(
    names.map((name) => sql.identifier(name)),
    sql`, `,
  );

/** The columns of a `CredentialRow`. */
export const columnsOf = ({ own }: CredentialKind): SQL => list([...common, ...own]);
/** The table of a kind, for a statement. */
export const tableOf = ({ table }: CredentialKind): SQL => sql`${sql.identifier(table)}`;

/** The ids of the rows that match, for a statement. */
export const idsOf = (kind: CredentialKind, condition: SQL): SQL =>
  sql`(SELECT id FROM ${tableOf(kind)} WHERE ${condition})`;

/** Names one credential; nothing is found unless it is the partner's. */
export interface CredentialKey {
  readonly partnerId: number;
  readonly id: string;
}

/** The one credential with this id, if it is the partner's: the condition of every query on one. */
export const isThe = ({ partnerId, id }: CredentialKey): SQL =>
  sql`id = ${id} AND partner_id = ${partnerId}`;

/** What a change is subject to. */
export interface CredentialCondition extends CredentialKey {
  /** What the present state must be like. */
  readonly preconditions: Preconditions;
}

const selectOne = (kind: CredentialKind, key: CredentialKey) =>
  sql<CredentialRow>`SELECT ${columnsOf(kind)} FROM ${tableOf(kind)} WHERE ${isThe(key)}`;

/** One page of the partner's credentials, newest first, and how many there are. */
export async function listCredentials(
  db: Database,
  kind: CredentialKind,
  partnerId: number,
  { limit, offset }: Page,
): Promise<{ rows: CredentialRow[]; total: number }> {
  const [rows, [counted]] = await db.read([
    sql<CredentialRow>`SELECT ${columnsOf(kind)} FROM ${tableOf(kind)} WHERE partner_id = ${partnerId}
      ORDER BY created_at DESC, id DESC LIMIT ${limit} OFFSET ${offset}`,
    sql<{ total: number }>`SELECT count(*) AS total FROM ${tableOf(kind)}
      WHERE partner_id = ${partnerId}`,
  ]);
  return { rows, total: counted?.total ?? 0 };
}

/** The partner's credential, or undefined: nobody can tell another partner's from one that never was. */
export async function findCredential(
  db: Database,
  kind: CredentialKind,
  key: CredentialKey,
): Promise<CredentialRow | undefined> {
  const [[row]] = await db.read([selectOne(kind, key)]);
  return row;
}

/** A credential to be: its id and the SHA-256 of its secret are new. */
export interface NewCredential extends CredentialValues {
  readonly id: string;
  readonly created_at: number;
  readonly sha256: string;
}

/**
 * The statement that inserts a credential under a condition, if the partner may have one more.
 *
 * @param partnerId also as SQL that gives it.
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
  return sql<CredentialRow>`INSERT INTO ${tableOf(kind)} (${list(Object.keys(values))})
    SELECT ${sql.join(given, sql`, `)}
    WHERE ${when} AND NOT EXISTS (SELECT 1 FROM ${tableOf(kind)} WHERE id = ${id})
      AND (SELECT count(*) FROM ${tableOf(kind)} WHERE partner_id = ${partnerId}) < ${MAX_CREDENTIALS}
    RETURNING ${columnsOf(kind)}`;
}

/** A credential as it was first answered, and whether that was before. */
export interface Insertion {
  readonly row: CredentialRow;
  readonly isReplay: boolean;
}

/**
 * Writes a credential, with its idempotency key if there is one.
 *
 * @returns for a key that the partner used within its lifetime, the credential as it was first
 * answered, also when it changed, ended or was deleted since; else why there is none.
 */
export async function insertCredential(
  db: Database,
  kind: CredentialKind,
  partnerId: number,
  credential: NewCredential,
  once: IdempotencyKey | undefined,
): Promise<Insertion | 'key-reused' | 'too-many' | 'ended'> {
  const { id, created_at: now, sha256: _sha256, disabled, ...values } = credential;
  const use = once && { ...once, partnerId, now };
  const hasEnded = values.expires_at !== null && values.expires_at <= now;
  const when = hasEnded ? sql`false` : use ? isUnused(use) : sql`true`;
  const { rows } = await db.write([
    insertStatement(kind, partnerId, credential, when),
    selectOne(kind, { partnerId, id }),
    ...(use ? [keepKey(use, tableOf(kind), id), keptKey(use)] : []),
  ]);
  const kept = rows[3]?.[0] as KeptKey | undefined;
  if (kept !== undefined && kept.fingerprint !== once?.fingerprint) {
    return 'key-reused';
  }
  // Also when an earlier run of this very write made it: then the id is ours.
  const isMade = rows[1].length > 0;
  if (!isMade && kept === undefined) {
    return hasEnded ? 'ended' : 'too-many';
  }
  const made = kept ?? { credential_id: id, created_at: now };
  return {
    isReplay: !isMade,
    row: {
      ...values,
      id: made.credential_id,
      created_at: made.created_at,
      last_used_at: null,
      disabled_at: disabled ? made.created_at : null,
      version: 1,
    },
  };
}

export type ChangeRefusal = 'not-found' | 'other-version';

/** Why a change found nothing to change. @throws DatabaseUnavailable when a first run may have done it. */
export function refusalOf(present: CredentialRow | undefined, repeated: boolean): ChangeRefusal {
  if (present === undefined) {
    return 'not-found';
  }
  requireCertain(repeated);
  return 'other-version';
}

/**
 * Replaces what the partner chose. What ends earlier from now on takes the secrets that a rotation
 * left valid with it, and disabling ends those for good.
 *
 * @param now milliseconds since 1970.
 * @returns the credential when it changed, else why not.
 */
export async function updateCredential(
  db: Database,
  kind: CredentialKind,
  { preconditions, ...key }: CredentialCondition,
  values: CredentialValues,
  now: number,
): Promise<CredentialRow | ChangeRefusal> {
  const condition = sql`${isThe(key)} AND ${meets(preconditions)}`;
  const { rows, repeated } = await db.write([
    ...updateStatements(kind, condition, values, now),
    selectOne(kind, key),
  ]);
  const [, [updated], [present]] = rows;
  return updated ?? refusalOf(present, repeated);
}

/**
 * What else changes of a row that is enabled: a client gets no token back that it had before.
 *
 * @param now milliseconds since 1970.
 */
export function onEnabling({ table }: CredentialKind, now: number): SQL {
  return table === 'clients'
    ? sql`tokens_from = iif(disabled_at IS NULL, tokens_from, ${afterTokensOf(now)}),`
    : sql``;
}

/**
 * The statement that lets the secrets which a rotation left valid end no later than `end`.
 *
 * @param owners gives the ids of their credentials.
 * @param end milliseconds since 1970.
 */
export function endRetired({ owner }: CredentialKind, owners: SQL, end: number) {
  return sql<never>`UPDATE retired_secrets SET expires_at = min(expires_at, ${end})
    WHERE ${sql.identifier(owner)} IN ${owners}`;
}

function updateStatements(
  kind: CredentialKind,
  condition: SQL,
  { name, scopes, expires_at, disabled }: CredentialValues,
  now: number,
) {
  const end = disabled ? now : (expires_at ?? Number.MAX_SAFE_INTEGER);
  return [
    // Before the row itself, for then the condition is the same.
    endRetired(kind, idsOf(kind, condition), end),
    sql<CredentialRow>`UPDATE ${tableOf(kind)} SET name = ${name}, expires_at = ${expires_at},
        ${scopes === undefined ? sql`` : sql`scopes = ${scopes},`}
        ${disabled ? sql`` : onEnabling(kind, now)}
        disabled_at = ${disabled ? sql`coalesce(disabled_at, ${now})` : sql`NULL`},
        version = version + 1
      WHERE ${condition} RETURNING ${columnsOf(kind)}`,
  ] as const;
}

/** The statements that delete credentials with all their secrets; the last one gives the rows. */
export function deleteStatements(kind: CredentialKind, condition: SQL) {
  return [
    sql<never>`DELETE FROM retired_secrets
      WHERE ${sql.identifier(kind.owner)} IN ${idsOf(kind, condition)}`,
    sql<CredentialRow>`DELETE FROM ${tableOf(kind)} WHERE ${condition} RETURNING ${columnsOf(kind)}`,
  ] as const;
}

/** Deletes the credential with all its secrets. @returns 'done', else why not. */
export async function deleteCredential(
  db: Database,
  kind: CredentialKind,
  { preconditions, ...key }: CredentialCondition,
): Promise<'done' | ChangeRefusal> {
  const condition = sql`${isThe(key)} AND ${meets(preconditions)}`;
  const { rows, repeated } = await db.write([
    ...deleteStatements(kind, condition),
    selectOne(kind, key),
  ]);
  const [, [deleted], [present]] = rows;
  if (deleted !== undefined) {
    return 'done';
  }
  requireCertain(repeated && present === undefined);
  return refusalOf(present, repeated);
}
