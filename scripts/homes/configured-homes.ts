import { unstable_readConfig } from 'wrangler';
import { type Home, MAIN_HOME, otherHomes } from '../../src/homes.ts';
import { fail } from '../process/fail.ts';

/** The folder of the migrations, which each database in wrangler.toml names. */
const MIGRATIONS = 'drizzle';

/** The part of a database in wrangler.toml that wrangler declares as `any`. */
interface DatabaseSettings {
  readonly binding: string;
  readonly database_id?: string;
  readonly preview_database_id?: string;
  readonly migrations_dir?: string;
}

/** A home with its database in wrangler.toml. */
export interface ConfiguredHome extends Home {
  /** The id under which wrangler keeps the local database. */
  readonly localId: string;
}

/** Parses the variable HOMES as the Worker does. Ends the script if it is wrong. */
function homesIn(text: unknown = '[]'): readonly Home[] {
  let value: unknown;
  try {
    value = JSON.parse(String(text));
  } catch {
    // Text that is no JSON is as wrong as JSON of another form.
  }
  const parsed = otherHomes.safeParse(value);
  return parsed.success
    ? parsed.data
    : fail('HOMES in wrangler.toml is wrong. docs/deploying.md describes the format.');
}

/**
 * Returns the homes that wrangler.toml names, `main` first: those of `HOMES`, each with its database. Ends the script
 * with a sentence if the file is wrong, because no command should run with other homes than the deployed Worker.
 */
export function configuredHomes(): readonly [ConfiguredHome, ...ConfiguredHome[]] {
  const { vars, ...config } = unstable_readConfig({ config: 'wrangler.toml' });
  const databases: readonly DatabaseSettings[] = config.d1_databases;
  const withDatabase = (home: Home): ConfiguredHome => {
    const database = databases.find(({ binding }) => binding === home.binding);
    if (database === undefined) {
      return fail(
        `wrangler.toml has no [[d1_databases]] with the binding of the home ${home.name}.`,
      );
    }
    if (database.migrations_dir !== MIGRATIONS) {
      return fail(
        `The database of the home ${home.name} in wrangler.toml needs migrations_dir = "${MIGRATIONS}".`,
      );
    }
    const { preview_database_id, database_id } = database;
    return { ...home, localId: preview_database_id ?? database_id ?? home.binding };
  };
  const main = { ...MAIN_HOME, epoch: Number(vars.EVENTS_EPOCH ?? 1) };
  const homes = [withDatabase(main), ...homesIn(vars.HOMES).map(withDatabase)] as const;
  if (new Set(homes.map(({ localId }) => localId)).size < homes.length) {
    return fail(
      'Two homes in wrangler.toml have the same database_id. Each home needs a database of its own.',
    );
  }
  return homes;
}
