import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { claimSql, identityOf, TABLES } from '../../../scripts/homes/identity.ts';
import { inlined } from '../../../scripts/partner/inlined-sql.ts';
import { type Identity, requireIdentity } from '../../../src/db/identity.ts';
import { nameDatabase, useEu } from '../../support/homes.ts';
import { tables } from '../../support/tables.ts';

const main = { name: 'main', number: 0 };
const eu = { name: 'eu', number: 1 };
const us = { name: 'us', number: 2 };

useEu();
beforeEach(() => nameDatabase(env.DB_EU));

const execute = (sql: string) => env.DB_EU.prepare(sql).run();

/** Returns the rows with which the database says which home it is. */
const rows = async () =>
  (await env.DB_EU.prepare('SELECT number, name FROM home').all<Identity>()).results;

describe('a claim', () => {
  test('writes the name and the number once, whatever is claimed later', async () => {
    await execute(claimSql(eu));
    await execute(claimSql(eu));
    await execute(claimSql(us));
    expect(await rows()).toEqual([eu]);
  });

  test('writes nothing into a database with a partner', async () => {
    await execute("INSERT INTO partners (id, name, created_at) VALUES (7, 'A', 0)");
    await execute(claimSql(eu));
    expect(await rows()).toEqual([]);
  });
});

test.each<[home: Identity, rows: Identity[], fault: RegExp | undefined, isUnclaimed: boolean]>([
  [main, [], undefined, false],
  [main, [main], undefined, false],
  [main, [eu], /another home: eu, number 1\./, false],
  [eu, [eu], undefined, false],
  [eu, [], /not claimed.*claim eu/, true],
  [eu, [us], /another home: us, number 2\./, false],
  [eu, [main], /another home: main, number 0\./, false],
  [eu, [{ name: 'eu', number: 2 }], /another home: eu, number 2\./, false],
  [eu, [{ name: 'us', number: 1 }], /another home: us, number 1\./, false],
  [eu, [eu, us], /another home: us, number 2\./, false],
])(
  'the commands judge a database for %j with the rows %j as the Worker does',
  async (home, named, fault, isUnclaimed) => {
    const insert = env.DB_EU.prepare('INSERT INTO home (number, name) VALUES (?, ?)');
    for (const { number, name } of named) {
      await insert.bind(number, name).run();
    }
    const verdict = identityOf(home, await rows());
    expect(verdict.isUnclaimed).toBe(isUnclaimed);
    expect(verdict.fault ?? '').toMatch(fault ?? /^$/);
    const isAccepted = await execute(inlined(requireIdentity(home))).then(
      () => true,
      () => false,
    );
    expect(isAccepted).toBe(fault === undefined);
  },
);

test('the tables of a database are those of the migrations, without those of SQLite and D1', async () => {
  const { results } = await env.DB_EU.prepare(TABLES).all<{ name: string }>();
  const names = results.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(tables.map(({ name }) => name)));
  expect(names.filter((name) => /^(?:sqlite_|_cf_)/.test(name))).toEqual([]);
});
