import { fillPlaceholders, type SQL, type SQLWrapper } from 'drizzle-orm';
import {
  type BaseSQLiteDatabase,
  type SelectedFields,
  SQLiteAsyncDialect,
  SQLiteDeleteBase,
  SQLiteInsertBuilder,
  SQLiteSelectBuilder,
  SQLiteUpdateBuilder,
} from 'drizzle-orm/sqlite-core';
import type { Owned } from './owned.ts';
import type { NamesPartner, PartnerId } from './partner-id.ts';

const dialect = new SQLiteAsyncDialect();

/** The connection of a query builder, which only running a statement would use. */
const session = undefined as never;

/**
 * The query builder. It has no connection and cannot run statements: only `Database` runs them, so that
 * every statement is counted and none causes a separate round trip. `drizzle()` would return the same
 * builders, but would also bundle its driver, relations and cache.
 */
export const query: Pick<
  BaseSQLiteDatabase<'async', D1Result>,
  'select' | 'insert' | 'update' | 'delete'
> = {
  select: (fields?: SelectedFields) =>
    new SQLiteSelectBuilder({ fields, session, dialect }) as never,
  insert: (table) => new SQLiteInsertBuilder(table, session, dialect),
  update: (table) => new SQLiteUpdateBuilder(table, session, dialect),
  delete: (table) => new SQLiteDeleteBase(table, session, dialect),
};

/**
 * An SQL statement or a drizzle query builder. Rows have the column names that D1 returns, so a builder
 * must select each column under its own name.
 */
export type Statement =
  | SQL
  | (SQLWrapper & { readonly _: { readonly result: unknown } })
  | CompiledStatement<unknown>;

/** A statement that names the partner whose rows it concerns. */
export type OwnedStatement = Statement & NamesPartner;

/** The SQL text and the values to bind. */
interface Built {
  readonly text: string;
  readonly values: unknown[];
}

/** A statement whose SQL text is already built. */
export interface CompiledStatement<Row> extends Built {
  readonly _: { readonly result: Row[] };
}

/**
 * Statements by name. They run in the order of the members. Members that are undefined are skipped and
 * have no rows.
 */
export type Statements<One extends Statement = Statement> = Readonly<
  Record<string, One | undefined>
>;

/** Returns the members that are not undefined, in order. */
export function membersOf<One>(statements: Readonly<Record<string, One | undefined>>) {
  return Object.entries(statements).filter(
    (member): member is [string, One] => member[1] !== undefined,
  );
}

/**
 * Rejects names that are integers, such as `1`. JavaScript orders such members first, so they would not
 * run in the order in which they are written.
 */
export type InOrder<S> = {
  readonly [Name in keyof S]: Name extends number | `${number}` ? never : S[Name];
};

/** The rows of each statement under its name: `Row[]` for `sql<Row>`, the result type for a builder. */
export type Rows<S extends Statements> = { readonly [Name in keyof S]: RowsOf<S[Name]> };

type RowsOf<One> =
  One extends SQL<infer Row>
    ? Row[]
    : One extends { readonly _: { readonly result: infer Result } }
      ? Result
      : undefined;

/**
 * Compiles a statement whose SQL text never changes. Building SQL takes more CPU time than the rest of a
 * small read, so such a statement is built once per isolate.
 *
 * @param statement a statement with `sql.placeholder(name)` in place of each value, and `partnerPlaceholder` in place of
 * the id of the partner.
 * @returns a function that takes the values by placeholder name and returns the statement.
 */
export function compile<Row, Name extends string>(
  statement: Owned<Row>,
): (
  values: Record<Name, unknown> & { readonly partnerId: PartnerId },
) => CompiledStatement<Row> & NamesPartner;
export function compile<Row, Name extends string>(
  statement: SQL<Row>,
): (values: Record<Name, unknown>) => CompiledStatement<Row>;
export function compile<Row>(statement: SQL<Row>) {
  const { sql: text, params } = dialect.sqlToQuery(statement);
  return (values: Record<string, unknown>) =>
    ({ text, values: fillPlaceholders(params, values) }) as CompiledStatement<Row> & NamesPartner;
}

/** Builds the SQL text and the values of a statement. */
export function build(statement: Statement): Built {
  if ('text' in statement) {
    return statement;
  }
  const { sql: text, params: values } = dialect.sqlToQuery(statement.getSQL());
  return { text, values };
}
