import { is } from 'drizzle-orm';
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core';
import * as schema from '../../src/db/schema.ts';

/** The tables of the schema. What the tests empty and compare follows from them. */
export const tables = Object.values(schema)
  .filter((value) => is(value, SQLiteTable))
  .map(getTableConfig);

/** Returns the tables that have a column of this name. */
export const tablesWith = (column: string) =>
  tables.filter(({ columns }) => columns.some(({ name }) => name === column));

/**
 * Returns the statements that empty all tables in one batch, in any order. The row that names the home of the database
 * remains.
 *
 * @param kept the id of the one row of a table that remains, by the name of the table.
 */
export const emptied = (kept: Readonly<Record<string, string | number>> = {}): string[] => [
  'PRAGMA defer_foreign_keys = on',
  ...tables
    .filter(({ name }) => name !== 'home')
    .map(({ name }) => {
      const which = name in kept ? ` WHERE id <> '${kept[name]}'` : '';
      return `DELETE FROM ${name}${which}`;
    }),
];
