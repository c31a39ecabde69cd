import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { local } from './local.ts';
import { migrateLocalDatabase } from './local-database.ts';
import { completeDevVars } from './vars.ts';

/** The file that lists the applied migrations. A rebuild reads it, which is faster than running wrangler. */
const MIGRATED = join(local.database, 'migrated.json');

const migrations = () =>
  JSON.stringify(readdirSync('drizzle').filter((name) => name.endsWith('.sql')));

/** Applies the missing migrations to the local database. @returns the names of the applied migrations. */
async function migrate(): Promise<string[]> {
  const current = migrations();
  if (existsSync(MIGRATED) && readFileSync(MIGRATED, 'utf8') === current) {
    return [];
  }
  const applied = await migrateLocalDatabase();
  mkdirSync(local.database, { recursive: true });
  writeFileSync(MIGRATED, current);
  return applied;
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
