import { sql } from 'drizzle-orm';
import journal from '../../../drizzle/meta/_journal.json' with { type: 'json' };
import type { Database } from '../../db/client.ts';
import { DatabaseFault } from '../../db/errors.ts';

/**
 * Returns the names of the migrations that this build of the Worker contains and that the database lacks.
 * The database may have further migrations, because a deployment applies migrations before it replaces
 * the Worker.
 */
export async function missingMigrations(db: Database): Promise<string[]> {
  const names = new Set(await appliedMigrations(db));
  return journal.entries.map(({ tag }) => `${tag}.sql`).filter((name) => !names.has(name));
}

async function appliedMigrations(db: Database): Promise<string[]> {
  try {
    const { applied } = await db.beforeAuthentication.readPrimary({
      applied: sql<{ name: string }>`SELECT name FROM d1_migrations`,
    });
    return applied.map(({ name }) => name);
  } catch (error) {
    if (error instanceof DatabaseFault && error.message.includes('no such table: d1_migrations')) {
      // No migration has been applied to this database yet.
      return [];
    }
    throw error;
  }
}
