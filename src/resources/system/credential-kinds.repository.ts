import { type SQL, sql } from 'drizzle-orm';

/** The differences between clients and API keys in the database. */
export interface CredentialKind {
  readonly table: 'clients' | 'api_keys';
  /** The column with the SHA-256 of the present secret. */
  readonly secret: 'secret_sha256' | 'sha256';
  /** The column of `retired_secrets` and `leaked_secrets` that names the owner of a secret. */
  readonly owner: 'client_id' | 'api_key_id';
  /** Columns that only this kind has and that are part of a `CredentialRow`. */
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
  /** The scopes of a client, space-delimited. */
  readonly scopes?: string;
}

const common = ['id', 'name', 'created_at', 'last_used_at', 'expires_at', 'disabled_at', 'version'];

/** Column names for a statement. */
export const columnList = (names: readonly string[]): SQL =>
  sql.join(
    names.map((name) => sql.identifier(name)),
    sql`, `,
  );

/** The columns of a `CredentialRow`, for a statement. */
export const columnsOf = ({ own }: CredentialKind): SQL => columnList([...common, ...own]);

/** The table of a kind, for a statement. */
export const tableOf = ({ table }: CredentialKind): SQL => sql`${sql.identifier(table)}`;

/** The ids of the rows that match a condition, for a statement. */
export const idsOf = (kind: CredentialKind, condition: SQL): SQL =>
  sql`(SELECT id FROM ${tableOf(kind)} WHERE ${condition})`;

/** Names one credential. Nothing is found unless it belongs to the partner. */
export interface CredentialKey {
  readonly partnerId: number;
  readonly id: string;
}

/** The condition of every query on one credential: it has this id and belongs to the partner. */
export const isThe = ({ partnerId, id }: CredentialKey): SQL =>
  sql`id = ${id} AND partner_id = ${partnerId}`;

/** Selects one credential. */
export const selectOne = (kind: CredentialKind, key: CredentialKey) =>
  sql<CredentialRow>`SELECT ${columnsOf(kind)} FROM ${tableOf(kind)} WHERE ${isThe(key)}`;
