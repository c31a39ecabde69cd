import { join } from 'node:path';
import { getPlatformProxy } from 'wrangler';
import { runWrangler } from '../process/wrangler.ts';
import { local } from './local.ts';

/** A prepared statement, as far as the scripts use D1's. */
export interface Statement {
  bind(...values: (string | number | null)[]): Statement;
  first(): Promise<unknown>;
}

/** The D1 of local development, as far as the scripts use it. */
export interface LocalDatabase {
  prepare(sql: string): Statement;
  batch(statements: Statement[]): Promise<unknown>;
}

/**
 * Applies what is missing of the migrations to the local database.
 *
 * @returns the names of those applied.
 * @throws Error with wrangler's own words when one fails.
 */
export async function migrateLocalDatabase(): Promise<string[]> {
  const { code, stdout, stderr } = await runWrangler([
    'd1',
    'migrations',
    'apply',
    'DB',
    '--local',
    '--persist-to',
    local.database,
  ]);
  if (code !== 0) {
    throw new Error(`The migrations could not be applied:\n${stdout}${stderr}`);
  }
  // Its table is printed again with each migration.
  return [
    ...new Set(Array.from(stdout.matchAll(/(\S+\.sql)\s+│ ✅/g), ([, name]) => name as string)),
  ];
}

/** Opens the local database, never a remote one, for the time of `use`. */
export async function withLocalDatabase<T>(use: (db: LocalDatabase) => Promise<T>): Promise<T> {
  // It would announce that it found secrets, which nobody asked about.
  process.env.WRANGLER_LOG ??= 'warn';
  const { env, dispose } = await getPlatformProxy<{ DB: LocalDatabase }>({
    // wrangler's own commands keep their files in this folder of `--persist-to`.
    persist: { path: join(local.database, 'v3') },
    // Local even if wrangler.toml should one day bind the remote database for development.
    remoteBindings: false,
  });
  try {
    return await use(env.DB);
  } finally {
    await dispose();
  }
}
