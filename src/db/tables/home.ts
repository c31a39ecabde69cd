import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/**
 * Which home the database is. It has one row at most, which `npm run homes -- claim` writes; a database without it is
 * `main`, number 0. So a binding that leads to another database than the one it names is noticed.
 */
export const home = sqliteTable('home', {
  number: integer('number').primaryKey(),
  name: text('name').notNull(),
});
