import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAIN_HOME } from '../../src/homes.ts';
import { configuredHomes } from '../homes/configured-homes.ts';
import { claimSql } from '../homes/identity.ts';
import { migrationNames } from '../runtime/migrations.ts';
import { local } from './local.ts';
import { migrateLocalDatabase, withLocalDatabase } from './local-database.ts';
import { completeDevVars } from './vars.ts';

/** The file that lists the applied migrations. A rebuild reads it, which is faster than opening the database. */
const MIGRATED = join(local.database, 'migrated.json');

/**
 * Applies the missing migrations to the local database of each home, and claims those beside `main` as
 * `npm run homes -- claim` does.
 *
 * @returns the names of the applied migrations.
 */
async function migrate(): Promise<string[]> {
  const homes = configuredHomes();
  const databases = homes.map(({ name, localId }) => ({ name, localId }));
  const current = JSON.stringify([databases, migrationNames()]);
  if (existsSync(MIGRATED) && readFileSync(MIGRATED, 'utf8') === current) {
    return [];
  }
  const applied = new Set<string>();
  for (const home of homes) {
    const prepared = await withLocalDatabase(async (db) => {
      const names = await migrateLocalDatabase(db);
      await (home.number === MAIN_HOME.number ? [] : db.batch([db.prepare(claimSql(home))]));
      return names;
    }, home);
    for (const name of prepared) {
      applied.add(name);
    }
  }
  mkdirSync(local.database, { recursive: true });
  writeFileSync(MIGRATED, current);
  return [...applied];
}

/**
 * Prepares what the API needs locally: the secrets, its address and a migrated database.
 *
 * @returns one sentence for each change.
 * @throws Error if a migration fails.
 */
export async function prepare(): Promise<string[]> {
  const done = await completeDevVars();
  const applied = await migrate();
  if (applied.length > 0) {
    done.push(`Migrated the local database: ${applied.join(', ')}.`);
  }
  return done;
}
