import { accessSync, constants, statfsSync } from 'node:fs';
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-pool-workers';
import { defineConfig } from 'vitest/config';
import { unstable_readConfig } from 'wrangler';
import { readGuides } from './scripts/build/guides/files.ts';
import { writeAssets } from './scripts/build/write-assets.ts';
import { copyPortalFiles } from './scripts/dev/portal.ts';
import { newSealingKeySet } from './src/auth/sealing-keys.ts';
import { newSigningKey } from './src/auth/signing-keys.ts';

/** The keys of the tests. Each run creates new ones. */
const secrets = {
  SIGNING_KEY_A: JSON.stringify(await newSigningKey()),
  SIGNING_KEY_B: JSON.stringify(await newSigningKey()),
  WEBHOOK_KEYS: JSON.stringify(newSealingKeySet()),
};
Object.assign(process.env, secrets);
// wrangler announces on each start that it reads these secrets.
process.env.WRANGLER_LOG ??= 'warn';
keepDatabasesInMemory();

/** The mode of `npm run test:homes`. test/support/homes.ts describes what it changes. */
const TWO_HOMES = 'two-homes';

/** The tests that choose the home of each partner themselves. They have two homes in `npm test` already. */
const ofTwoHomes = [
  'test/scheduled-homes.test.ts',
  'test/auth/crossing-homes.test.ts',
  'test/resources/leaked-secrets/homes.test.ts',
  'test/resources/oauth2/token/homes.test.ts',
  'test/resources/system/webhook-endpoints/delivery/homes.test.ts',
];

const ISSUER = 'https://api.test';
// The documents contain the address of the API, so the tests build assets with the address of the tests.
const assets = '.wrangler/test-assets';
await writeAssets(assets, { issuer: ISSUER }, { html: 'never' });
copyPortalFiles(assets);

/**
 * Moves the temporary databases of the tests, which take about 10 MiB, into memory on Linux. The local D1 waits for the
 * disk after each write, which takes longer than the write.
 */
function keepDatabasesInMemory(): void {
  const inMemory = '/dev/shm';
  try {
    accessSync(inMemory, constants.W_OK);
    const { bavail, bsize } = statfsSync(inMemory);
    if (bavail * bsize >= 48 * 1024 ** 2) {
      process.env.TMPDIR = inMemory;
    }
  } catch {
    // The databases stay on the disk.
  }
}

/**
 * The tests run in workerd against a real local D1 database with the real migrations. Two workers run test
 * files at the same time, each with a runtime and databases of its own. All test files of a worker share one
 * isolate, because starting one for each file takes longer than its tests. Each test starts with empty tables.
 */
export default defineConfig(({ mode }) => ({
  plugins: [
    cloudflareTest(async () => ({
      wrangler: { configPath: './wrangler.toml' },
      miniflare: {
        // wrangler.toml disables the Node.js APIs. Vitest imports the first of these two modules, and
        // commander, which `npm run partner` uses, imports the second.
        compatibilityFlags: [
          'enable_nodejs_inspector_module',
          'enable_nodejs_child_process_module',
        ],
        assets: { directory: assets },
        d1Databases: {
          // The migration tests need a database without tables.
          DB_FRESH: 'fresh',
          DB_EU: 'eu',
          ...(mode === TWO_HOMES && { DB: 'eu', DB_MAIN: 'main' }),
        },
        // A binding here takes precedence over `.dev.vars`. Every variable and secret is set, so that
        // the tests do not depend on the developer's file.
        bindings: {
          ...unstable_readConfig({ config: 'wrangler.toml' }).vars,
          ISSUER,
          EXPOSE_COST: 'true',
          RATE_LIMITS: 'off',
          SIGNER: 'A',
          API_KEYS: 'test',
          // How often the tests of concurrent requests repeat a race. More runs find rarer faults.
          RACE_RUNS: process.env.RACE_RUNS ?? '5',
          ...(mode === TWO_HOMES && {
            HOMES: '[{ "name": "eu", "number": 1, "binding": "DB_EU" }]',
          }),
          ...secrets,
          MIGRATIONS: await readD1Migrations('drizzle'),
          // The tests build the document, and cannot read files.
          GUIDES: readGuides(),
        },
      },
    })),
  ],
  test: {
    include: ['test/**/*.test.ts'],
    exclude: mode === TWO_HOMES ? ofTwoHomes : [],
    setupFiles: ['test/support/real-timers.ts', 'test/support/database.ts'],
    isolate: false,
    maxWorkers: 2,
    // Only a test that never ends exceeds it: the slowest one takes a few seconds on an idle machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A run without failures prints a summary only.
    reporters: ['minimal'],
    silent: 'passed-only',
  },
}));
