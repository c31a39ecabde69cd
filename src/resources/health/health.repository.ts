import { sql } from 'drizzle-orm';
import journal from '../../../drizzle/meta/_journal.json' with { type: 'json' };
import type { Database } from '../../db/client.ts';
import { DatabaseFault } from '../../db/errors.ts';

/**
 * The migrations that this Worker was built with and that the database lacks. More than it was built
 * with is fine: migrations go before the Worker.
 */
export async function missingMigrations(db: Database): Promise<string[]> {
  const names = new Set(await appliedMigrations(db));
  return journal.entries.map(({ tag }) => `${tag}.sql`).filter((name) => !names.has(name));
}

async function appliedMigrations(db: Database): Promise<string[]> {
  try {
    const { applied } = await db.read({
      applied: sql<{ name: string }>`SELECT name FROM d1_migrations`,
    });
    return applied.map(({ name }) => name);
  } catch (error) {
    if (error instanceof DatabaseFault && error.message.includes('no such table')) {
      // A database that no migration has met yet.
      return [];
    }
    throw error;
  }
}
