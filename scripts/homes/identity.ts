import type { Identity } from '../../src/db/identity.ts';
import { MAIN_HOME } from '../../src/homes.ts';

/** Whether a database can be used as a home. */
export interface Verdict {
  /** Why the database cannot be used as that home; undefined if it can, once it has all migrations. */
  readonly fault: string | undefined;
  /** Whether that is because it has no row in the table `home`. */
  readonly isUnclaimed: boolean;
}

/** Lists the tables of a database, except those of SQLite and D1. */
export const TABLES = `SELECT name FROM sqlite_schema WHERE type = 'table'
  AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'`;

/** Returns whether a database with these rows of the table `home` is that of a home. */
export function identityOf({ name, number }: Identity, rows: readonly Identity[]): Verdict {
  const isUnclaimed = rows.length === 0 && number !== MAIN_HOME.number;
  if (isUnclaimed) {
    return {
      isUnclaimed,
      fault: `Its database is not claimed. Run \`npm run homes -- claim ${name}\`.`,
    };
  }
  const others = rows.filter((row) => row.name !== name || row.number !== number);
  if (others.length === 0) {
    return { isUnclaimed, fault: undefined };
  }
  const found = others.map((row) => `${row.name}, number ${row.number}`).join(' and ');
  const fault = `Its database is that of another home: ${found}. Correct its binding in wrangler.toml.`;
  return { isUnclaimed, fault };
}

/** Returns the statement that makes an unclaimed database without partners that of a home. */
export const claimSql = ({ name, number }: Identity): string =>
  `INSERT INTO home (number, name) SELECT ${number}, '${name}'
    WHERE NOT EXISTS (SELECT 1 FROM home) AND NOT EXISTS (SELECT 1 FROM partners)`;
