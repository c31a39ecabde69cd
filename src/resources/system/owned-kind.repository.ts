import { type SQL, sql } from 'drizzle-orm';
import type { Principal } from '../../context.ts';
import type { Change } from '../../db/events.ts';
import type { IdempotencyKey, KeyUse } from '../../db/idempotency.ts';
import { type Owned, ownedSql } from '../../db/owned.ts';
import type { PartnerId } from '../../db/partner-id.ts';
import type { OwnedStatement, Statements } from '../../db/statements.ts';
import type { Problem } from '../../problems/problem.ts';

/** The columns that every resource of a partner has. Times are milliseconds since 1970. */
export interface OwnedRow {
  readonly id: string;
  readonly created_at: number;
  readonly disabled_at: number | null;
  readonly version: number;
  /** When the last secret that a rotation replaced ends, or has ended; null if no such secret is stored. */
  readonly retired_secret_expires_at: number | null;
}

/** The properties that the partner sets. Except `disabled`, each is a column of the same name. */
export interface OwnedValues {
  readonly disabled: boolean;
}

/** A secret as it is stored. */
export interface StoredSecret {
  readonly secret: string;
  /** The SHA-256 of a secret that is stored sealed, by which a report of leaked secrets finds it. */
  readonly secret_sha256?: string;
}

/** A new secret, and how long the current one stays valid, in seconds. */
export interface Rotation extends StoredSecret {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly overlapSeconds: number;
}

/** Statements that change one row. `update` returns the changed row. */
export type Changing<Row> = Statements<OwnedStatement> & { readonly update: Owned<Row> };

/**
 * A kind of resource that a partner owns under `/v2/system`: its table, and the parts of its statements in
 * which it differs from the other kinds.
 */
export interface OwnedKind<Values extends OwnedValues, Row extends OwnedRow> {
  /** The type of the subject of its events. */
  readonly subject: 'client' | 'api_key' | 'webhook_endpoint';
  readonly table: 'clients' | 'api_keys' | 'webhook_endpoints';
  /** The columns of a `Row`, without the one that `retiredExpiry` computes. */
  readonly columns: readonly string[];
  /** The `retired_secret_expires_at` of a row. */
  readonly retiredExpiry: SQL;
  /** The column with the current secret as it is stored. */
  readonly secret: 'secret_sha256' | 'sha256' | 'secret';
  /** The key space of its idempotency keys. */
  readonly space: 'credentials' | 'webhook-endpoints';
  /** The most that a partner may have, including disabled ones, and the problem of one more. */
  readonly max: number;
  readonly tooMany: 'tooManyCredentials' | 'tooManyWebhookEndpoints';
  /** The `detail` of a 404. */
  readonly missing: string;
  /** Returns the condition that a credential authenticates the requests of a principal. */
  isInUse?(principal: Principal): SQL;
  /** Returns the problem of values with which nothing may be created. */
  refusal?(values: Values, now: number): Problem | undefined;
  /** Returns the columns of a new row that neither the values nor all kinds have. */
  initial(values: Values): Omit<Row, keyof Values | keyof OwnedRow>;
  /** Returns the columns of a new row that SQL computes and that a `Row` does not have. */
  computed?(partnerId: PartnerId | Owned): Readonly<Record<string, SQL>>;
  /** Returns the statements that replace the values of the row that matches a condition. */
  updating(condition: Owned, values: Values, now: number): Changing<Row>;
  /** Returns the statements that delete what belongs to the row that matches a condition. */
  deletingParts?(condition: Owned): Statements<OwnedStatement>;
  /** Returns the statements that replace the secret of the row that matches a condition. */
  rotating(condition: Owned, rotation: Rotation): Changing<Row>;
}

/** The result of a round trip that decides, before a creation, whether it may begin. */
export interface Admission {
  /** Why nothing may be created, so that only an earlier response can be repeated. */
  readonly refusal?: Problem | undefined;
  /** What must still hold when the row is inserted. */
  readonly condition?: SQL;
  /** Columns of the new row, in place of those of the kind. */
  readonly columns?: Readonly<Record<string, SQL>>;
  /** Returns the problem if the condition does not hold. */
  explain?(): Promise<Problem | undefined>;
}

/** A kind, for functions that neither take values nor return a row. */
export type AnyKind = Pick<
  OwnedKind<OwnedValues, OwnedRow>,
  'subject' | 'table' | 'columns' | 'retiredExpiry' | 'missing' | 'isInUse'
>;

/** Returns how a creation uses the idempotency key of its request, if it has one. */
export const keyUseOf = (
  { space }: Pick<OwnedKind<never, OwnedRow>, 'space'>,
  { partnerId, now }: Pick<Change, 'partnerId' | 'now'>,
  once: IdempotencyKey | undefined,
): KeyUse | undefined => once && { ...once, space, partnerId, now };

/** The key of one resource. It includes the partner, so that no query finds another partner's resource. */
export interface OwnedKey {
  readonly partnerId: PartnerId;
  readonly id: string;
}

/** Returns the condition that a row has the id and belongs to the partner. Every query on one resource uses it. */
export const hasKey = ({ partnerId, id }: OwnedKey): Owned =>
  ownedSql`id = ${id} AND partner_id = ${partnerId}`;

/** Returns a list of column names as SQL. */
export const columnList = (names: readonly string[]): SQL =>
  sql.join(
    names.map((name) => sql.identifier(name)),
    sql`, `,
  );

/** Returns the columns of a row as SQL. */
export const columnsOf = ({
  columns,
  retiredExpiry,
}: Pick<AnyKind, 'columns' | 'retiredExpiry'>): SQL =>
  sql`${columnList(columns)}, ${retiredExpiry} AS retired_secret_expires_at`;

/** Returns the table of a kind as SQL. */
export const tableOf = ({ table }: Pick<AnyKind, 'table'>): SQL => sql`${sql.identifier(table)}`;
