import { sql } from 'drizzle-orm';
import journal from '../../../drizzle/meta/_journal.json' with { type: 'json' };
import type { Database } from '../../db/client.ts';

/**
 * The migrations that this Worker was built with and that the database lacks. More than it was built
 * with is fine: migrations go before the Worker.
 */
export async function missingMigrations(db: Database): Promise<string[]> {
  const [applied] = await db.read([sql<{ name: string }>`SELECT name FROM d1_migrations`]);
  const names = new Set(applied.map(({ name }) => name));
  return journal.entries.map(({ tag }) => `${tag}.sql`).filter((name) => !names.has(name));
}
