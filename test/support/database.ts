import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach } from 'vitest';
import { usedDatabases } from './database-use.ts';
import { beginPartners, homes } from './homes.ts';
import { emptied } from './tables.ts';

beforeAll(async () => {
  for (const { database } of homes) {
    await applyD1Migrations(database, env.MIGRATIONS);
  }
});

beforeEach(async () => {
  beginPartners();
  for (const { database, row } of homes.filter((home) => usedDatabases.has(home.database))) {
    const statements = [...emptied(), 'DELETE FROM home', ...row];
    await database.batch(statements.map((sql) => database.prepare(sql)));
    usedDatabases.delete(database);
  }
});
