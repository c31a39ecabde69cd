import { join, resolve } from 'node:path';
import { Miniflare } from 'miniflare';
import { unstable_readConfig } from 'wrangler';
import { type ConfiguredHome, configuredHomes } from '../homes/configured-homes.ts';
import { readMigrations } from '../runtime/migrations.ts';
import { local } from './local.ts';

/** The part of a D1 prepared statement that the scripts use. */
export interface Statement {
  bind(...values: (string | number | null)[]): Statement;
  first(): Promise<unknown>;
  all(): Promise<{ readonly results: readonly unknown[] }>;
}

/** The part of the local D1 database that the scripts use. */
export interface LocalDatabase {
  prepare(sql: string): Statement;
  batch(statements: Statement[]): Promise<unknown>;
}

/** Creates the table in which `wrangler d1 migrations apply` records what it applied. */
const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

/**
 * Applies the missing migrations to the local database, each in one transaction, and records them as
 * `wrangler d1 migrations apply` does. That command starts the runtime anew for each of its statements, so
 * the first start of the API would take twice as long.
 *
 * @returns the names of the applied migrations.
 * @throws Error with the message of D1 if a migration fails.
 */
export async function migrateLocalDatabase(db: LocalDatabase): Promise<string[]> {
  await db.batch([db.prepare(MIGRATIONS_TABLE)]);
  const { results } = await db.prepare('SELECT name FROM d1_migrations').all();
  const applied = new Set((results as { readonly name: string }[]).map(({ name }) => name));
  const missing = readMigrations().filter(({ name }) => !applied.has(name));
  for (const { name, statements } of missing) {
    const record = db.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name);
    const all = [...statements.map((statement) => db.prepare(statement)), record];
    await db.batch(all).catch((error: Error) => {
      throw new Error(`The migration ${name} cannot be applied: ${error.message}`);
    });
  }
  return missing.map(({ name }) => name);
}

/**
 * Opens the local database of a home, never a remote one, while `use` runs. Starts only the database, not the API.
 *
 * @param home the home, by default `main`.
 */
export async function withLocalDatabase<T>(
  use: (db: LocalDatabase) => Promise<T>,
  home: Pick<ConfiguredHome, 'localId'> = configuredHomes()[0],
): Promise<T> {
  const { compatibility_date: compatibilityDate } = unstable_readConfig({
    config: 'wrangler.toml',
  });
  const modules = { 'index.js': { type: 'esm' as const, contents: 'export default {};' } };
  const miniflare = new Miniflare({
    workers: [
      {
        config: {
          name: 'local-database',
          compatibilityDate,
          manifest: { mainModule: 'index.js', modulesRoot: resolve('.'), modules },
          env: { DB: { type: 'd1' as const, id: home.localId } },
        },
      },
    ],
    // The commands of wrangler store their files in this folder of `--persist-to`.
    resourcePersistencePath: join(local.database, 'v3'),
    cf: false,
  });
  try {
    return await use(await miniflare.getD1Database('DB'));
  } finally {
    await miniflare.dispose();
  }
}
