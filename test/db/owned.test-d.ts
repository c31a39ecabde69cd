import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../src/db/client.ts';
import { failUnless } from '../../src/db/fail-unless.ts';
import {
  type Owned,
  ofPartner,
  ownedJoin,
  ownedSql,
  partnerPlaceholder,
} from '../../src/db/owned.ts';
import type { PartnerId } from '../../src/db/partner-id.ts';
import { removeInBatches } from '../../src/db/removal.ts';
import { preparedTickets } from '../../src/db/schema.ts';
import { compile, query, type Statement } from '../../src/db/statements.ts';

/**
 * `npm run verify` compiles this file, and nothing runs it. Each `@ts-expect-error` whose error the
 * compiler does not find is itself an error.
 */

declare const db: Database;
declare const partnerId: PartnerId;
declare const id: string;
declare const isOne: boolean;
declare const conditions: SQL[];
declare const owned: Owned;

// A number is not the id of a partner.
// @ts-expect-error: any number could be that of another partner.
export const number: PartnerId = 7;

// One value names the partner.
export const first = ownedSql<{ n: number }>`SELECT 1 AS n WHERE ${partnerId} = ${id}`;
export const last = ownedSql`id = ${id} AND partner_id = ${partnerId}`;
export const nested = ownedSql`SELECT ${sql`1`} WHERE ${last}`;
export const part: SQL = owned;

// @ts-expect-error: no value names the partner.
ownedSql<{ n: number }>`SELECT 1 WHERE id = ${id}`;
// @ts-expect-error: there is no value.
ownedSql`SELECT 1`;
// @ts-expect-error: neither the number nor the SQL names the partner.
ownedSql`SELECT ${sql`id`} WHERE partner_id = ${7}`;
// @ts-expect-error: the condition names the partner in one case only.
ownedSql`SELECT 1 WHERE ${isOne ? owned : sql`true`}`;
// @ts-expect-error: a partner that may be missing is not named.
ownedSql`SELECT 1 WHERE partner_id = ${isOne ? partnerId : null}`;
// @ts-expect-error: `sql` forgets that a value names the partner.
export const forgotten: Owned = sql`SELECT 1 WHERE ${owned}`;

// A join names the partner if one of its parts does, or all of an unknown number.
ownedJoin([sql`true`, owned, ...conditions], sql` AND `);
ownedJoin(
  [1, 2].map((n) => ownedSql`SELECT ${n} WHERE ${owned}`),
  sql` UNION ALL `,
);
// @ts-expect-error: none of the parts does.
ownedJoin([sql`true`, ...conditions], sql` AND `);
// @ts-expect-error: it is not known whether one of the parts does.
ownedJoin([...conditions, ...[owned]] as (SQL | Owned)[], sql` AND `);

// A compiled statement has a placeholder for the partner.
const compiled = compile<{ n: number }, 'partnerId' | 'id'>(
  ownedSql`SELECT 1 AS n WHERE id = ${sql.placeholder('id')} AND partner_id = ${partnerPlaceholder}`,
);
compiled({ id, partnerId });
// @ts-expect-error: a number is not the id of a partner.
compiled({ id, partnerId: 7 });
// @ts-expect-error: the partner is missing.
compile<{ n: number }, 'id'>(ownedSql`SELECT ${partnerPlaceholder}`)({ id });
const compiledForAll = compile<{ n: number }, 'id'>(sql`SELECT 1 AS n`);

// A query of the builder has a condition that names the partner.
const columns = { id: preparedTickets.id };
const selected = ofPartner(query.select(columns).from(preparedTickets), owned);
const updated = ofPartner(
  query.update(preparedTickets).set({ version: 2 }).returning(columns),
  owned,
);
// @ts-expect-error: the condition does not name the partner.
ofPartner(query.delete(preparedTickets), sql`id = ${id}`);

// A condition of a statement that fails decides about it.
export const failing: Owned<never> = failUnless(owned, 'already-recorded');
// @ts-expect-error: the condition does not name the partner.
export const failingForAll: Owned<never> = failUnless(sql`true`, 'already-recorded');

/** Calls of the database: these are compiled. */
export async function run(): Promise<string[]> {
  const { one, two, found } = await db.read({
    one: first,
    two: compiled({ id, partnerId }),
    found: selected,
  });
  const { rows } = await db.write({ updated, failing, none: isOne ? first : undefined });
  await db.readPrimary({ one: first });
  const { all } = await db.ofAllPartners.read({ all: sql<{ n: number }>`SELECT 1 AS n` });
  await db.beforeAuthentication.write({ all: compiledForAll({ id }), failingForAll });
  return [
    [...one, ...two, ...all].map(({ n }) => n.toFixed()),
    [...found, ...rows.updated].map(({ id }) => id),
  ].flat();
}

// A connection that runs every statement also serves where one for a partner is expected.
export const restricted: Database = db.ofAllPartners;
// @ts-expect-error: the connection would run statements that name no partner.
export const widened: Database<Statement> = db;
// @ts-expect-error: the function runs statements that name no partner.
export const removed = removeInBatches(db, () => sql`DELETE FROM events RETURNING 1`);

/** Calls of the database: none of these is compiled. */
export const refused = () => [
  // @ts-expect-error: the statement names no partner.
  db.read({ one: first, two: sql`SELECT 1` }),
  // @ts-expect-error: the compiled statement names no partner.
  db.readPrimary({ one: compiledForAll({ id }) }),
  // @ts-expect-error: the query names no partner.
  db.read({ one: query.select(columns).from(preparedTickets) }),
  // @ts-expect-error: the condition of the query is not examined.
  db.read({ one: query.select(columns).from(preparedTickets).where(owned) }),
  // @ts-expect-error: the statement names the partner in one case only.
  db.write({ one: isOne ? first : sql`SELECT 1` }),
  // @ts-expect-error: what runs again must name the partner too.
  db.write({ one: first }, () => ({ one: sql`SELECT 1` })),
];
