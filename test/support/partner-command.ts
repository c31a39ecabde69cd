import { env } from 'cloudflare:workers';
import type { SQL } from 'drizzle-orm';
import type { Context, HomeDatabase, NamedSql } from '../../scripts/partner/context.ts';
import { DatabaseFailed, type Failure } from '../../scripts/partner/failure.ts';
import { inlined } from '../../scripts/partner/inlined-sql.ts';
import { run } from '../../scripts/partner/program.ts';
import type { PartnerView } from '../../scripts/partner/view.ts';
import { requireIdentity } from '../../src/db/identity.ts';
import { membersOf } from '../../src/db/statements.ts';
import { type Home, MAIN_HOME } from '../../src/homes.ts';
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

/** Runs `npm run partner -- …` against the test database, or against those of several homes. */
export function runPartner(
  args: readonly string[],
  now: number = START,
  homes: Context['homes'] = [homeDatabase(MAIN, env.DB)],
) {
  return run(args, () => ({ homes, where: 'local', now, keyKind: 'test' }));
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
