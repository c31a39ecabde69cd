import { env } from 'cloudflare:workers';
import type { SQL } from 'drizzle-orm';
import type { NamedSql, PartnerDatabase } from '../../scripts/partner/context.ts';
import { DatabaseFailed, type Failure } from '../../scripts/partner/failure.ts';
import { inlined } from '../../scripts/partner/inlined-sql.ts';
import { run } from '../../scripts/partner/program.ts';
import type { PartnerView } from '../../scripts/partner/view.ts';
import { membersOf } from '../../src/db/statements.ts';
import { START } from './start.ts';

/** Runs statements as wrangler does: as SQL without parameters, in one batch. */
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

/** Runs `npm run partner -- …` on the database of the tests. */
export function runPartner(args: readonly string[], now: number = START) {
  return run(args, () => ({ db, where: 'local', now, keyKind: 'test' }));
}

/** The one partner that a change shows. */
export async function partnerAfter(args: readonly string[], now?: number): Promise<PartnerView> {
  const { partners } = await runPartner(args, now);
  return partners[0] as PartnerView;
}

/** Why a command was not done. */
export async function failureOf(args: readonly string[], now?: number): Promise<Failure> {
  const failure = await runPartner(args, now).then(
    () => undefined,
    (error: Failure) => error,
  );
  if (failure === undefined) {
    throw new Error('The command was done.');
  }
  return failure;
}
