import { type SQL, sql } from 'drizzle-orm';

/** The differences between clients and API keys in the database. */
export interface CredentialKind {
  /** The type of the subject of its events. */
  readonly subject: 'client' | 'api_key';
  readonly table: 'clients' | 'api_keys';
  /** The column with the SHA-256 of the current secret. */
  readonly secret: 'secret_sha256' | 'sha256';
  /** The column of `retired_secrets` and `leaked_secrets` that references the owner of a secret. */
  readonly owner: 'client_id' | 'api_key_id';
  /** Columns that only this kind has and that are part of a `CredentialRow`. */
  readonly own: readonly string[];
}

export const client: CredentialKind = {
  subject: 'client',
  table: 'clients',
  secret: 'secret_sha256',
  owner: 'client_id',
  own: ['scopes'],
};

export const apiKey: CredentialKind = {
  subject: 'api_key',
  table: 'api_keys',
  secret: 'sha256',
  owner: 'api_key_id',
  own: [],
};

/** A client or an API key as it is stored. Times are in milliseconds since 1970. */
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

/** Returns a list of column names as SQL. */
export const columnList = (names: readonly string[]): SQL =>
  sql.join(
    names.map((name) => sql.identifier(name)),
    sql`, `,
  );

/** Returns the columns of a `CredentialRow` as SQL. */
export const columnsOf = ({ own }: CredentialKind): SQL => columnList([...common, ...own]);

/** Returns the table of a kind of credential as SQL. */
export const tableOf = ({ table }: CredentialKind): SQL => sql`${sql.identifier(table)}`;

/** Returns a subquery for the ids of the rows that match a condition. */
export const idsOf = (kind: CredentialKind, condition: SQL): SQL =>
  sql`(SELECT id FROM ${tableOf(kind)} WHERE ${condition})`;

/** The key of one credential. It includes the partner, so that no query finds another partner's credential. */
export interface CredentialKey {
  readonly partnerId: number;
  readonly id: string;
}

/** Returns the condition that a row has the id and belongs to the partner. Every query on one credential uses it. */
export const hasKey = ({ partnerId, id }: CredentialKey): SQL =>
  sql`id = ${id} AND partner_id = ${partnerId}`;

/** Returns the statement that selects one credential. */
export const selectOne = (kind: CredentialKind, key: CredentialKey) =>
  sql<CredentialRow>`SELECT ${columnsOf(kind)} FROM ${tableOf(kind)} WHERE ${hasKey(key)}`;
