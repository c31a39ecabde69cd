import type { SQL } from 'drizzle-orm';
import { requireIdentity } from '../../src/db/identity.ts';
import { membersOf, type Rows } from '../../src/db/statements.ts';
import type { Home } from '../../src/homes.ts';
import { ExecutionFailed, execute } from '../homes/execute.ts';
import type { HomeDatabase, NamedSql } from './context.ts';
import { DatabaseFailed } from './failure.ts';
import { inlined } from './inlined-sql.ts';

const MAYBE_WRITTEN =
  '\nThe command may have taken effect. Run `list` to see the current state before you repeat it.';

/**
 * Returns the database of a home.
 *
 * @param remote whether to use the deployed database instead of the local one of `npm run dev`.
 * @param isOneOfSeveral whether a failure names the home.
 */
export function wranglerDatabase(
  home: Home,
  remote: boolean,
  isOneOfSeveral: boolean,
): HomeDatabase {
  const prefix = isOneOfSeveral ? `In the home ${home.name}: ` : '';

  async function run<S extends NamedSql>(statements: S, suffix: string): Promise<Rows<S>> {
    const named = membersOf<SQL>(statements);
    const texts = [requireIdentity(home), ...named.map(([, statement]) => statement)].map(inlined);
    try {
      const [, ...results] = await execute(home, remote, texts);
      return Object.fromEntries(named.map(([name], i) => [name, results[i]?.results])) as Rows<S>;
    } catch (error) {
      if (error instanceof ExecutionFailed) {
        throw new DatabaseFailed(`${prefix}${error.message}${error.isHarmless ? '' : suffix}`);
      }
      throw error;
    }
  }

  return {
    home,
    read: (statements) => run(statements, ''),
    write: (statements) => run(statements, MAYBE_WRITTEN),
  };
}
