import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-pool-workers';
import { defineConfig } from 'vitest/config';
import { writeAssets } from './scripts/build/write-assets.ts';
import { newSigningKey } from './src/auth/signing-keys.ts';

/** The tests' own, new with each run; bindings too, so that a `.dev.vars` of development is no part of them. */
const secrets = {
  SIGNING_KEY_A: JSON.stringify(await newSigningKey()),
  SIGNING_KEY_B: JSON.stringify(await newSigningKey()),
};
Object.assign(process.env, secrets);

const ISSUER = 'https://api.test';
/** The tests' own, because the document names the address. */
const assets = '.wrangler/test-assets';
await writeAssets(assets, { issuer: ISSUER });

/**
 * Tests run in workerd, on a real local D1 with the real migrations. All files share one isolate,
 * because a new one for each costs more than its tests; each test starts from empty tables.
 */
export default defineConfig({
  plugins: [
    cloudflareTest(async () => ({
      wrangler: { configPath: './wrangler.toml' },
      miniflare: {
        // Modules of the Node.js APIs that wrangler.toml switches off: Vitest imports the first one, and
        // commander, which `npm run partner` uses, the second.
        compatibilityFlags: [
          'enable_nodejs_inspector_module',
          'enable_nodejs_child_process_module',
        ],
        assets: { directory: assets },
        // For the tests of the migrations, which begin with nothing.
        d1Databases: ['DB_FRESH'],
        bindings: {
          ISSUER,
          EXPOSE_COST: 'true',
          RATE_LIMITS: 'off',
          SIGNER: 'A',
          API_KEYS: 'test',
          // Of the tests that race: more find rarer faults, and cost more time.
          RACE_RUNS: process.env.RACE_RUNS ?? '5',
          ...secrets,
          MIGRATIONS: await readD1Migrations('drizzle'),
        },
      },
    })),
  ],
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/database.ts'],
    isolate: false,
    fileParallelism: false,
    testTimeout: 30_000,
  },
});
