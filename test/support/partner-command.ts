import { env } from 'cloudflare:workers';
import type { SQL } from 'drizzle-orm';
import type { NamedSql, PartnerDatabase } from '../../scripts/partner/context.ts';
import { DatabaseFailed, type Failure } from '../../scripts/partner/failure.ts';
import { inlined } from '../../scripts/partner/inlined-sql.ts';
import { run } from '../../scripts/partner/program.ts';
import type { PartnerView } from '../../scripts/partner/view.ts';
import { membersOf } from '../../src/db/statements.ts';
import { START } from './start.ts';

/** Runs statements like `wrangler d1 execute`: as SQL without parameters, in one batch. */
async function execute(statements: NamedSql): Promise<unknown> {
  try {
    const named = membersOf<SQL>(statements);
    const texts = named.map(([, statement]) => env.DB.prepare(inlined(statement)));
    const results = await env.DB.batch(texts);
    return Object.fromEntries(named.map(([name], i) => [name, results[i]?.results]));
  } catch (error) {
    throw new DatabaseFailed((error as Error).message);
  }
}

const db = { read: execute, write: execute } as PartnerDatabase;

/** Runs `npm run partner -- …` against the test database. */
export function runPartner(args: readonly string[], now: number = START) {
  return run(args, () => ({ db, where: 'local', now, keyKind: 'test' }));
}

/** Runs a command that must succeed. Returns the one partner in its outcome. */
export async function partnerAfter(args: readonly string[], now?: number): Promise<PartnerView> {
  const { partners } = await runPartner(args, now);
  return partners[0] as PartnerView;
}

/** Runs a command that must fail. Returns its failure. */
export async function failureOf(args: readonly string[], now?: number): Promise<Failure> {
  const failure = await runPartner(args, now).then(
    () => undefined,
    (error: Failure) => error,
  );
  if (failure === undefined) {
    throw new Error('The command succeeded.');
  }
  return failure;
}
