import { type SQLWrapper, sql } from 'drizzle-orm';
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';

/** Writes a text so that the SQL holds nothing of it in clear: no quote to escape, no word to be mistaken. */
class Dialect extends SQLiteAsyncDialect {
  override escapeString(text: string): string {
    const bytes = Array.from(new TextEncoder().encode(text));
    return `CAST(x'${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}' AS TEXT)`;
  }
}

const dialect = new Dialect();

/**
 * A statement as SQL without parameters, because `wrangler d1 execute`, the way to a remote database,
 * takes none.
 *
 * @throws Error for a statement whose values are not all known.
 */
export function inlined(statement: SQLWrapper): string {
  const { sql: text, params } = dialect.sqlToQuery(sql`${statement.getSQL()}`.inlineParams());
  if (params.length > 0) {
    throw new Error('A placeholder has no value.');
  }
  return text;
}
