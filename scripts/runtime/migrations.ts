import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = 'drizzle';

/** A migration of the database. */
interface Migration {
  /** The name of its file, under which the table `d1_migrations` records it. */
  readonly name: string;
  readonly statements: readonly string[];
}

/** Returns the names of all migrations in their order. */
export function migrationNames(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.sql'))
    .toSorted();
}

/** Returns all migrations in their order. */
export function readMigrations(): Migration[] {
  return migrationNames().map((name) => ({
    name,
    statements: readFileSync(join(FOLDER, name), 'utf8')
      .split('--> statement-breakpoint')
      .filter((statement) => statement.trim() !== ''),
  }));
}
