import { type SQL, sql } from 'drizzle-orm';
import { type Home, MAIN } from './home.ts';

/** The malformed JSON path with which the statement of `requireHome` fails. */
export const ANOTHER_HOME = 'another-home';

/** Returns the condition that a database is that of a home: it has exactly the row of the home, or none for `main`. */
const isHome = ({ name, number }: Home): SQL => {
  const others = sql`(SELECT count(*) FROM home WHERE NOT (number = ${number} AND name = ${name}))`;
  return number === MAIN.number
    ? sql`${others} = 0`
    : sql`${others} = 0 AND (SELECT count(*) FROM home) = 1`;
};

/** Returns the statement that fails, and with it its transaction, unless the database is that of a home. */
export const requireHome = (home: Home): SQL =>
  sql`SELECT iif(${isHome(home)}, 1, json_extract('{}', ${sql.raw(`'${ANOTHER_HOME}'`)}))`;
