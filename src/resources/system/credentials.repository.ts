import { type SQL, sql } from 'drizzle-orm';
import { ACCESS_TOKEN_LIFETIME_S, tokensFromAfter } from '../../auth/access-tokens.ts';
import type { Database } from '../../db/client.ts';
import { type Owned, ownedSql } from '../../db/owned.ts';
import { removeInBatches, type Steps } from '../../db/removal.ts';
import { Problem } from '../../problems/problem.ts';
import { recordOperation } from './owned.repository.ts';
import {
  columnsOf,
  type OwnedKind,
  type OwnedRow,
  type OwnedValues,
  type Rotation,
  tableOf,
} from './owned-kind.repository.ts';

/** The most clients, and the most API keys, that a partner may have. Disabled and expired ones count too. */
export const MAX_CREDENTIALS = 5;
/** The longest time for which a retired secret may stay valid, in seconds: 30 days. */
export const MAX_OVERLAP_S = 2_592_000;
/** The most valid retired secrets of one credential. A further rotation ends the oldest of them. */
const MAX_VALID_RETIRED_SECRETS = 5;
/** The most stored retired secrets of one credential, including expired ones. */
const MAX_STORED_RETIRED_SECRETS = 50;
/**
 * How long a retired secret is stored after it expired, in milliseconds. It is the lifetime of an access
 * token: as long as a token that was requested with the secret can be valid, a report that the secret
 * leaked must find the client to revoke the token.
 */
const RETIRED_SECRET_RETENTION_MS = ACCESS_TOKEN_LIFETIME_S * 1000;

/** The properties of a credential that the partner sets. */
export interface CredentialValues extends OwnedValues {
  readonly name: string;
  /** The scopes of a client, space-delimited. */
  readonly scopes?: string;
  /** Milliseconds since 1970; null if the credential never expires. */
  readonly expires_at: number | null;
}

/** A client or an API key as it is stored. Times are in milliseconds since 1970. */
export interface CredentialRow extends OwnedRow, Omit<CredentialValues, 'disabled'> {
  readonly last_used_at: number | null;
}

/** The differences between clients and API keys in the database. The secret is stored as its SHA-256 in hex. */
export interface CredentialKind extends OwnedKind<CredentialValues, CredentialRow> {
  readonly subject: 'client' | 'api_key';
  readonly table: 'clients' | 'api_keys';
  /** The column of `retired_secrets` and `leaked_secrets` that references the owner of a secret. */
  readonly owner: 'client_id' | 'api_key_id';
}

/** What distinguishes the two kinds. */
type Difference = Pick<
  CredentialKind,
  'subject' | 'table' | 'secret' | 'owner' | 'isInUse' | 'missing'
>;

function credentialKind(difference: Difference, own: readonly string[]): CredentialKind {
  const common = ['id', 'name', 'created_at', 'last_used_at', 'expires_at', 'disabled_at'];
  const kind: CredentialKind = {
    ...difference,
    // No rotation extends an expiry, so the latest one is that of the secret that was replaced last.
    retiredExpiry: sql`(SELECT max(expires_at) FROM retired_secrets
      WHERE ${sql.identifier(difference.owner)} = ${tableOf(difference)}.id)`,
    columns: [...common, 'version', ...own],
    space: 'credentials',
    max: MAX_CREDENTIALS,
    tooMany: 'tooManyCredentials',
    refusal: expiredAtCreation,
    initial: () => ({ last_used_at: null }),
    updating: (condition, values, now) => updateStatements(kind, condition, values, now),
    deletingParts: (condition) => deleteSecrets(kind, condition),
    rotating: (condition, rotation) => rotationStatements(kind, condition, rotation),
  };
  return kind;
}

export const client = credentialKind(
  {
    ...{ subject: 'client', table: 'clients', secret: 'secret_sha256', owner: 'client_id' },
    isInUse: ({ clientId }) => sql`id = ${clientId}`,
    missing: 'There is no client with this identifier.',
  },
  ['scopes'],
);

export const apiKey = credentialKind(
  {
    ...{ subject: 'api_key', table: 'api_keys', secret: 'sha256', owner: 'api_key_id' },
    isInUse: ({
      apiKeySha256,
    }) => sql`(sha256 = ${apiKeySha256} OR EXISTS (SELECT 1 FROM retired_secrets
      WHERE retired_secrets.sha256 = ${apiKeySha256} AND api_key_id = api_keys.id))`,
    missing: 'There is no API key with this identifier.',
  },
  [],
);

/** Returns the problem of a new credential whose expiry is not in the future. */
function expiredAtCreation({ expires_at }: CredentialValues, now: number): Problem | undefined {
  const detail = 'Send a time in the future, or null if the credential should never expire.';
  return expires_at === null || expires_at > now
    ? undefined
    : new Problem('violations', {
        violations: [{ in: 'body', pointer: '#/expires_at', code: 'out_of_range', detail }],
      });
}

/** Returns a subquery for the ids of the rows that match a condition. */
function idsOf(kind: CredentialKind, condition: Owned): Owned;
function idsOf(kind: CredentialKind, condition: SQL): SQL;
function idsOf(kind: CredentialKind, condition: SQL): SQL {
  return sql`(SELECT id FROM ${tableOf(kind)} WHERE ${condition})`;
}

/**
 * Returns the statements that replace the properties of a credential. An earlier expiry also applies to retired
 * secrets that are still valid. Disabling the credential ends those secrets permanently.
 */
function updateStatements(
  kind: CredentialKind,
  condition: Owned,
  { name, scopes, expires_at, disabled }: CredentialValues,
  now: number,
) {
  const end = disabled ? now : (expires_at ?? Number.MAX_SAFE_INTEGER);
  return {
    // This runs before the row itself is changed, because the condition no longer holds afterwards.
    capRetiredExpiry: capRetiredExpiry(kind, condition, end),
    update: ownedSql<CredentialRow>`UPDATE ${tableOf(kind)} SET name = ${name}, expires_at = ${expires_at},
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
 */
function enablingAssignments({ table }: CredentialKind, now: number): SQL {
  return table === 'clients'
    ? sql`tokens_from = iif(disabled_at IS NULL, tokens_from, ${tokensFromAfter(now)}),`
    : sql``;
}

/** Returns the statement that makes the retired secrets of credentials expire no later than `end`. */
function capRetiredExpiry(kind: CredentialKind, condition: Owned, end: number): Owned<never>;
function capRetiredExpiry(kind: CredentialKind, condition: SQL, end: number): SQL<never>;
function capRetiredExpiry(kind: CredentialKind, condition: SQL, end: number): SQL<never> {
  return sql<never>`UPDATE retired_secrets SET expires_at = min(expires_at, ${end})
    WHERE ${sql.identifier(kind.owner)} IN ${idsOf(kind, condition)}`;
}

/** Returns the statements that delete the retired and the leaked secrets of credentials. */
function deleteSecrets(kind: CredentialKind, condition: Owned) {
  const isOwner = ownedSql`${sql.identifier(kind.owner)} IN ${idsOf(kind, condition)}`;
  return {
    deleteRetired: ownedSql<never>`DELETE FROM retired_secrets WHERE ${isOwner}`,
    deleteLeaked: ownedSql<never>`DELETE FROM leaked_secrets WHERE ${isOwner}`,
  };
}

/**
 * Returns the statements of a rotation. `update` returns the changed row. The statements can safely run
 * again, because they change nothing if the new secret is already the current one. Older retired secrets
 * expire no later than the current secret will, and no expiry is extended. The current secret of a
 * disabled credential expires at once, so that it stays invalid after the credential is re-enabled.
 *
 * @param condition selects the row, including the state that it must be in.
 */
export function rotationStatements(
  kind: CredentialKind,
  condition: Owned,
  { secret: sha256, now, overlapSeconds }: Rotation,
) {
  const secret = sql.identifier(kind.secret);
  const owner = sql.identifier(kind.owner);
  const until = now + overlapSeconds * 1000;
  const rotated = ownedSql`${condition} AND ${secret} <> ${sha256}`;
  const id = idsOf(kind, rotated);
  const newest = sql`ORDER BY retired_at DESC, expires_at DESC`;
  const valid = ownedSql`SELECT sha256 FROM retired_secrets WHERE ${owner} = ${id} AND expires_at > ${now}
    ${newest} LIMIT ${MAX_VALID_RETIRED_SECRETS - 1}`;
  return {
    endOlder: ownedSql<never>`UPDATE retired_secrets
      SET expires_at = min(expires_at, iif(sha256 IN (${valid}), ${until}, ${now}))
      WHERE ${owner} = ${id}`,
    retire: ownedSql<never>`INSERT INTO retired_secrets (sha256, ${owner}, retired_at, expires_at)
      SELECT ${secret}, id, ${now},
        iif(disabled_at IS NULL, min(${until}, coalesce(expires_at, ${until})), ${now})
      FROM ${tableOf(kind)} WHERE ${rotated}`,
    deleteOldest: ownedSql<never>`DELETE FROM retired_secrets WHERE ${owner} = ${id}
      AND (expires_at <= ${now - RETIRED_SECRET_RETENTION_MS} OR sha256 NOT IN (
        SELECT sha256 FROM retired_secrets WHERE ${owner} = ${id} ${newest} LIMIT ${MAX_STORED_RETIRED_SECRETS}))`,
    update: ownedSql<CredentialRow>`UPDATE ${tableOf(kind)}
      SET ${secret} = ${sha256}, version = version + 1
      WHERE ${rotated} RETURNING ${columnsOf(kind)}`,
  };
}

/**
 * Returns the statements that disable credentials, for the operator's commands and for reports of leaked
 * secrets. `change` returns the changed rows. Retired secrets that are still valid end permanently. A
 * credential that is already disabled keeps its `disabled_at`.
 *
 * @param condition selects the rows. The caller ensures that they belong to the intended partner.
 * @param now milliseconds since 1970.
 */
export function disableStatements(kind: CredentialKind, condition: SQL, now: number) {
  return {
    record: recordOperation(kind, 'updated', sql`${condition} AND disabled_at IS NULL`, now),
    capRetiredExpiry: capRetiredExpiry(kind, condition, now),
    change: sql<CredentialRow>`UPDATE ${tableOf(kind)}
      SET version = version + iif(disabled_at IS NULL, 1, 0), disabled_at = coalesce(disabled_at, ${now})
      WHERE ${condition} RETURNING ${columnsOf(kind)}`,
  };
}

/** Returns the statement that re-enables credentials, like `disableStatements`. */
export function enableStatements(kind: CredentialKind, condition: SQL, now: number) {
  return {
    record: recordOperation(kind, 'updated', sql`${condition} AND disabled_at IS NOT NULL`, now),
    change: sql<CredentialRow>`UPDATE ${tableOf(kind)}
      SET ${enablingAssignments(kind, now)}
        version = version + iif(disabled_at IS NULL, 0, 1), disabled_at = NULL
      WHERE ${condition} RETURNING ${columnsOf(kind)}`,
  };
}

/**
 * Deletes the retired secrets of all partners whose retention has ended.
 *
 * @param now milliseconds since 1970.
 */
export function removeRetiredSecrets(db: Database, now: number): Steps {
  const batch = (limit: number) => sql`DELETE FROM retired_secrets WHERE sha256 IN (
    SELECT sha256 FROM retired_secrets WHERE expires_at <= ${now - RETIRED_SECRET_RETENTION_MS} LIMIT ${limit})
    RETURNING expires_at`;
  return removeInBatches(db.ofAllPartners, [{ batch }]);
}
