import { migrateLocalDatabase, withLocalDatabase } from '../dev/local-database.ts';
import { showWrangler } from '../process/wrangler.ts';
import type { ConfiguredHome } from './configured-homes.ts';

/**
 * Applies the missing migrations to the database of a home. For a deployed one, wrangler asks first if it runs in a
 * terminal, and the answer can be no, so look at the database afterwards.
 *
 * @throws Error if a migration fails.
 */
export async function migrateHome(home: ConfiguredHome, remote: boolean): Promise<void> {
  if (!remote) {
    await withLocalDatabase(migrateLocalDatabase, home);
    return;
  }
  const code = await showWrangler(['d1', 'migrations', 'apply', home.binding, '--remote']);
  if (code !== 0) {
    throw new Error(`The database of the home ${home.name} could not be migrated.`);
  }
}
