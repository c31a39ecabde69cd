import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { local } from './local.ts';
import { migrateLocalDatabase } from './local-database.ts';
import { completeDevVars } from './vars.ts';

/** Names the migrations that the local database has, so that a rebuild does not ask wrangler again. */
const MIGRATED = join(local.database, 'migrated.json');

const migrations = () =>
  JSON.stringify(readdirSync('drizzle').filter((name) => name.endsWith('.sql')));

/** Applies the migrations that the local database lacks. @returns the names of those applied. */
async function migrate(): Promise<string[]> {
  const present = migrations();
  if (existsSync(MIGRATED) && readFileSync(MIGRATED, 'utf8') === present) {
    return [];
  }
  const applied = await migrateLocalDatabase();
  mkdirSync(local.database, { recursive: true });
  writeFileSync(MIGRATED, present);
  return applied;
}

/**
 * Makes what the API needs locally: secrets, the address and a migrated database.
 *
 * @returns what it did, a sentence each.
 * @throws Error when a migration fails.
 */
export async function prepare(): Promise<string[]> {
  const done = await completeDevVars();
  const applied = await migrate();
  if (applied.length > 0) {
    done.push(`Migrated the local database: ${applied.join(', ')}.`);
  }
  return done;
}
