import { type SQLWrapper, sql } from 'drizzle-orm';
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';

/** Writes a text as hexadecimal bytes, so that no quote needs escaping and no character of it is parsed as SQL. */
class Dialect extends SQLiteAsyncDialect {
  override escapeString(text: string): string {
    const bytes = Array.from(new TextEncoder().encode(text));
    return `CAST(x'${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}' AS TEXT)`;
  }
}

const dialect = new Dialect();

/**
 * Returns a statement as SQL without parameters. `wrangler d1 execute`, which reaches a remote database,
 * does not accept parameters.
 *
 * @throws Error if the statement has a placeholder without a value.
 */
export function inlined(statement: SQLWrapper): string {
  const { sql: text, params } = dialect.sqlToQuery(sql`${statement.getSQL()}`.inlineParams());
  if (params.length > 0) {
    throw new Error('A placeholder has no value.');
  }
  return text;
}
