import { join } from 'node:path';
import { getPlatformProxy } from 'wrangler';
import { runWrangler } from '../process/wrangler.ts';
import { local } from './local.ts';

/** The part of a D1 prepared statement that the scripts use. */
export interface Statement {
  bind(...values: (string | number | null)[]): Statement;
  first(): Promise<unknown>;
}

/** The part of the local D1 database that the scripts use. */
export interface LocalDatabase {
  prepare(sql: string): Statement;
  batch(statements: Statement[]): Promise<unknown>;
}

/**
 * Applies the missing migrations to the local database.
 *
 * @returns the names of the applied migrations.
 * @throws Error with the output of wrangler if a migration fails.
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
  // wrangler prints its whole table again after each migration, so names occur several times.
  return [
    ...new Set(Array.from(stdout.matchAll(/(\S+\.sql)\s+│ ✅/g), ([, name]) => name as string)),
  ];
}

/** Opens the local database, never a remote one, while `use` runs. */
export async function withLocalDatabase<T>(use: (db: LocalDatabase) => Promise<T>): Promise<T> {
  // Otherwise wrangler prints that it found secrets.
  process.env.WRANGLER_LOG ??= 'warn';
  const { env, dispose } = await getPlatformProxy<{ DB: LocalDatabase }>({
    // The commands of wrangler store their files in this folder of `--persist-to`.
    persist: { path: join(local.database, 'v3') },
    // The database stays local even if wrangler.toml binds the remote database for development.
    remoteBindings: false,
  });
  try {
    return await use(env.DB);
  } finally {
    await dispose();
  }
}
