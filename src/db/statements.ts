import { fillPlaceholders, type SQL, type SQLWrapper } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/d1';
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';

/**
 * Builds statements and never runs one. Only `Database` runs statements, so that every statement is
 * counted and none costs a round trip of its own.
 */
export const query = drizzle(null as unknown as D1Database);

const dialect = new SQLiteAsyncDialect();

/**
 * A statement in SQL, or one of drizzle's builders. Rows come back as D1 names their columns, so a
 * builder selects columns under their own names.
 */
export type Statement =
  | SQL
  | (SQLWrapper & { readonly _: { readonly result: unknown } })
  | CompiledStatement<unknown>;

/** The text and the values that D1 takes. */
interface Built {
  readonly text: string;
  readonly values: unknown[];
}

/** A statement that needs no more building. */
export interface CompiledStatement<Row> extends Built {
  readonly _: { readonly result: Row[] };
}

/**
 * Statements by name, which run in the order of the members. A member that is undefined is left out,
 * and so are its rows.
 */
export type Statements = Readonly<Record<string, Statement | undefined>>;

/** Returns the members that are not left out, in order. */
export function membersOf<One>(statements: Readonly<Record<string, One | undefined>>) {
  return Object.entries(statements).filter(
    (member): member is [string, One] => member[1] !== undefined,
  );
}

/**
 * Refuses names that read as integers, such as `1`: JavaScript moves such members to the front, so
 * that they would not run in the order in which they are written.
 */
export type InOrder<S> = {
  readonly [Name in keyof S]: Name extends number | `${number}` ? never : S[Name];
};

/** The rows of each statement under its name: `sql<Row>` gives `Row[]`, a builder its result. */
export type Rows<S extends Statements> = { readonly [Name in keyof S]: RowsOf<S[Name]> };

type RowsOf<One> =
  One extends SQL<infer Row>
    ? Row[]
    : One extends { readonly _: { readonly result: infer Result } }
      ? Result
      : undefined;

/**
 * Compiles a statement whose text is always the same. Building SQL costs more CPU time than everything
 * else that a small read does here, so such a statement is built once per isolate.
 *
 * @param statement a statement with `sql.placeholder(name)` in place of each value.
 * @returns a function that takes the values by the names of their placeholders and returns the statement.
 */
export function compile<Row, Name extends string>(
  statement: SQL<Row>,
): (values: Record<Name, unknown>) => CompiledStatement<Row> {
  const { sql: text, params } = dialect.sqlToQuery(statement);
  return (values) => ({
    text,
    values: fillPlaceholders(params, values),
    _: undefined as never,
  });
}

/** Returns the text and the values of a statement. */
export function built(statement: Statement): Built {
  if ('text' in statement) {
    return statement;
  }
  const { sql: text, params: values } = dialect.sqlToQuery(statement.getSQL());
  return { text, values };
}
