import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { usedDatabases } from './database-use.ts';
import { beginPartners, main, naming, usedHomes } from './homes.ts';
import { takeExcesses } from './invocation.ts';
import { emptied } from './tables.ts';

/** The databases that have tables. */
const migrated = new Set<D1Database>();

async function migrate(): Promise<void> {
  for (const { database } of usedHomes()) {
    if (!migrated.has(database)) {
      await applyD1Migrations(database, env.MIGRATIONS);
      migrated.add(database);
    }
  }
}

beforeAll(migrate);

beforeEach(async () => {
  beginPartners();
  // A test file can use a further home since its beginning.
  await migrate();
  for (const home of usedHomes().filter(({ database }) => usedDatabases.has(database))) {
    const { database } = home;
    const statements = [...emptied(), ...naming(home === main ? undefined : home)];
    await database.batch(statements.map((sql) => database.prepare(sql)));
    usedDatabases.delete(database);
  }
});

afterEach(() => {
  expect(takeExcesses()).toEqual([]);
});
