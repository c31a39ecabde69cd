import type { Identity } from '../../src/db/identity.ts';
import { MAIN_HOME } from '../../src/homes.ts';
import type { ConfiguredHome } from './configured-homes.ts';
import { execute, rowsOf } from './execute.ts';
import { claimSql, identityOf, TABLES } from './identity.ts';
import { migrateHome } from './migrate-home.ts';

/**
 * Looks whether a database is empty, or one of this program without partners.
 *
 * @returns whether it is claimed for the home already.
 * @throws Error with a sentence if it is neither.
 */
async function requireUnused(home: ConfiguredHome, remote: boolean): Promise<boolean> {
  const [found] = await execute(home, remote, [TABLES]);
  const tables = rowsOf<{ name: string }>(found).map(({ name }) => name);
  if (tables.length > 0 && !tables.includes('d1_migrations')) {
    throw new Error(`It contains the tables of another program: ${tables.join(', ')}.`);
  }
  const selects = [
    tables.includes('home') ? 'SELECT number, name FROM home' : 'SELECT 1 WHERE false',
    tables.includes('partners') ? 'SELECT id FROM partners LIMIT 1' : 'SELECT 1 WHERE false',
  ];
  const [rows, partner] = tables.length === 0 ? [] : await execute(home, remote, selects);
  const { fault, isUnclaimed } = identityOf(home, rowsOf<Identity>(rows));
  if (fault !== undefined && !isUnclaimed) {
    throw new Error(fault);
  }
  if (isUnclaimed && rowsOf(partner).length > 0) {
    throw new Error('It has partners. Only a database without partners can be claimed.');
  }
  return !isUnclaimed;
}

/**
 * Makes a database that of a home, after it has applied the migrations to it. Writes nothing into a database that has
 * partners, is that of another home, or contains the tables of another program.
 *
 * @returns a sentence about what was done.
 * @throws Error with a sentence if the database cannot become that of the home.
 */
export async function claimHome(home: ConfiguredHome, remote: boolean): Promise<string> {
  const { name, number, binding } = home;
  if (number === MAIN_HOME.number) {
    throw new Error('main needs no claim: a database without a row in the table home is main.');
  }
  if (await requireUnused(home, remote)) {
    return `The database of the home ${name} is claimed already.`;
  }
  await migrateHome(home, remote);
  const [, after] = await execute(home, remote, [claimSql(home), 'SELECT number, name FROM home']);
  const { fault } = identityOf(home, rowsOf<Identity>(after));
  if (fault !== undefined) {
    throw new Error(fault);
  }
  return `The database of the binding ${binding} is now that of the home ${name}, number ${number}.`;
}
