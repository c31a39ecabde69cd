/**
 * `npm run dev` starts the API from a fresh clone: it creates the local secrets, migrates and seeds the
 * local database, and serves on PORT (8787 by default) until it is stopped.
 */
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { RECEIVER_URL } from '../../demo/receiver.ts';
import type { Credentials } from '../partner/partners.ts';
import { fail } from '../process/fail.ts';
import { readDemoCredentials, writeDemoCredentials } from './demo-credentials.ts';
import { local, localOrigin, localPort } from './local.ts';
import { withLocalDatabase } from './local-database.ts';
import { copyPortalFiles, demoVariables, writeDemoConfig } from './portal.ts';
import { isFree } from './ports.ts';
import { prepare } from './prepare.ts';
import { seed } from './seed.ts';
import { serve } from './serve.ts';

/** Ends the script with one sentence if files cannot be created in one of the folders. Creates missing folders. */
function requireWritable(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      mkdirSync(folder, { recursive: true });
      rmdirSync(mkdtempSync(join(folder, '.writable-')));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const place = folder === '.' ? process.cwd() : folder;
      fail(
        `\`npm run dev\` cannot write to ${place} (${code}). Make this folder writable for you.`,
      );
    }
  }
}

new Command('npm run dev')
  .description('Serves the API with the local database on the port PORT (8787 by default).')
  .showHelpAfterError(
    '`npm run dev` takes no arguments. It uses only the local database, because demo credentials must not work anywhere else. Set PORT to use another port, and RATE_LIMITS to on for the rate limits of a deployment.',
  )
  .parse();

if (!['on', 'off', undefined].includes(process.env.RATE_LIMITS)) {
  fail('RATE_LIMITS must be on or off: `RATE_LIMITS=on npm run dev`.');
}
const port = localPort();
const free = await isFree(port).catch((error: Error) => fail(`Port ${port}: ${error.message}`));
if (!free) {
  fail(
    `Port ${port} is in use. Stop the process that uses it, or choose another port: \`PORT=${port + 1} npm run dev\`.`,
  );
}

// wrangler watches a file in .wrangler, and stores files in the home folder too.
const home = process.env.XDG_CONFIG_HOME ?? homedir();
requireWritable(['.', '.wrangler', local.database, local.assets, 'node_modules/.cache', home]);
console.log('Preparing the local database.');
const done = await prepare().catch((error: Error) => fail(error.message));
const { partners, portal } = await withLocalDatabase((db) =>
  seed(db, readDemoCredentials(), Date.now()),
);
const byPartner = Object.fromEntries(
  partners.map(({ partner, credentials }) => [partner, credentials]),
);
writeDemoCredentials({ ...byPartner, portal });
for (const { partner, tickets } of partners.filter(({ credentialsAreNew }) => credentialsAreNew)) {
  const what =
    tickets > 0
      ? `Created the partner ${partner} with ${tickets} tickets`
      : `Created new credentials for the partner ${partner}`;
  done.push(`${what}. Its credentials are in ${local.credentials}.`);
}
console.log(done.length > 0 ? done.join('\n') : 'The local database is up to date.');
console.log('Bundling the Worker and starting it.');

writeDemoConfig(local.config);
copyPortalFiles(local.assets);
const origin = localOrigin();
const variable = process.env.PORT === undefined ? '' : `PORT=${port} `;
await serve(
  port,
  origin,
  demoVariables(portal, byPartner.demo as Credentials),
  `
API     ${origin}/v2/tickets/prepared-tickets
Docs    ${origin}/docs
Portal  ${origin}/portal
Hook    ${RECEIVER_URL} answers like a webhook receiver that accepts every event
Stop    Ctrl-C

Try it in a second terminal:
${variable}npm run -s demo:headers > .demo-headers && curl -H @.demo-headers '${origin}/v2/tickets/prepared-tickets?limit=3'
`,
);
