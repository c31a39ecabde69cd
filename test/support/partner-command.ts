import type { SQL } from 'drizzle-orm';
import type { Context, HomeDatabase, NamedSql } from '../../scripts/partner/context.ts';
import { DatabaseFailed, type Failure } from '../../scripts/partner/failure.ts';
import { inlined } from '../../scripts/partner/inlined-sql.ts';
import { run } from '../../scripts/partner/program.ts';
import type { PartnerView } from '../../scripts/partner/view.ts';
import { requireIdentity } from '../../src/db/identity.ts';
import { membersOf } from '../../src/db/statements.ts';
import { type Home, MAIN_HOME } from '../../src/homes.ts';
import { homes } from './homes.ts';
import { START } from './start.ts';

export const MAIN: Home = { ...MAIN_HOME, epoch: 1 };

/** Returns the database of a home, which runs statements like `wrangler d1 execute`: without parameters, in one batch. */
export function homeDatabase(home: Home, database: D1Database): HomeDatabase {
  async function execute(statements: NamedSql): Promise<unknown> {
    try {
      const named = membersOf<SQL>(statements);
      const texts = [requireIdentity(home), ...named.map(([, statement]) => statement)].map(
        inlined,
      );
      const [, ...results] = await database.batch(texts.map((text) => database.prepare(text)));
      return Object.fromEntries(named.map(([name], i) => [name, results[i]?.results]));
    } catch (error) {
      throw new DatabaseFailed(`In the home ${home.name}: ${(error as Error).message}`);
    }
  }
  return { home, read: execute, write: execute } as HomeDatabase;
}

const [first, ...others] = homes.map((home) => homeDatabase(home, home.database));
/** The databases of the homes of the tests. */
const ofTests: Context['homes'] = [first as HomeDatabase, ...others];

/** Runs `npm run partner -- …` against the databases of the tests, or against those of other homes. */
export function runPartner(
  args: readonly string[],
  now: number = START,
  inHomes: Context['homes'] = ofTests,
) {
  return run(args, () => ({ homes: inHomes, where: 'local', now, keyKind: 'test' }));
}

/** Runs a command that must succeed. Returns the one partner in its outcome. */
export async function partnerAfter(
  args: readonly string[],
  now?: number,
  homes?: Context['homes'],
): Promise<PartnerView> {
  const { partners } = await runPartner(args, now, homes);
  return partners[0] as PartnerView;
}

/** Runs a command that must fail. Returns its failure. */
export async function failureOf(
  args: readonly string[],
  now?: number,
  homes?: Context['homes'],
): Promise<Failure> {
  const failure = await runPartner(args, now, homes).then(
    () => undefined,
    (error: Failure) => error,
  );
  if (failure === undefined) {
    throw new Error('The command succeeded.');
  }
  return failure;
}
