/**
 * `npm run check [-- NAME ...]` starts the API once and runs the named checks against it, or all checks.
 * The checks of a fresh clone, of `npm run dev`, of a crash, of homes, of the rotation of secrets and of webhooks
 * start their own servers.
 */
import { Argument, Command } from 'commander';
import { type LocalServer, withLocalServer } from '../dev/local-server.ts';
import { fail } from '../process/fail.ts';
import { checkBody } from './body.ts';
import { checkChanges } from './changes.ts';
import { checkClient } from './client.ts';
import { checkClone } from './clone.ts';
import { checkCrash } from './crash.ts';
import { checkDev } from './dev.ts';
import { checkDocs } from './docs/docs.ts';
import { checkDocument } from './document.ts';
import { checkEvents } from './events.ts';
import { checkHomes } from './homes.ts';
import { checkLinks } from './links.ts';
import { checkListen } from './listen.ts';
import { checkPartner } from './partner.ts';
import { checkPatterns } from './patterns.ts';
import { checkPortal } from './portal.ts';
import { checkPostman } from './postman.ts';
import { checkReadme } from './readme.ts';
import { checkRecipes } from './recipes.ts';
import { checkRotation } from './rotation.ts';
import { checkSamples } from './samples.ts';
import { checkScripts } from './scripts.ts';
import { checkSecrets } from './secrets.ts';
import { checkWebhooks } from './webhooks.ts';

const checks = {
  body: checkBody,
  changes: checkChanges,
  client: checkClient,
  clone: checkClone,
  crash: checkCrash,
  dev: checkDev,
  docs: checkDocs,
  document: checkDocument,
  events: checkEvents,
  homes: checkHomes,
  links: checkLinks,
  listen: checkListen,
  partner: checkPartner,
  patterns: checkPatterns,
  portal: checkPortal,
  postman: checkPostman,
  readme: checkReadme,
  recipes: checkRecipes,
  rotation: checkRotation,
  samples: checkSamples,
  scripts: (server: LocalServer): Promise<string[]> => checkScripts(server, names),
  secrets: checkSecrets,
  webhooks: checkWebhooks,
};

const names = Object.keys(checks) as (keyof typeof checks)[];
const [requested] = new Command('npm run check --')
  .description('Starts the API and checks it from the view of its users.')
  .addArgument(
    new Argument('[checks...]', 'the checks to run').choices(names).default(names, 'all'),
  )
  .parse().processedArgs as [typeof names];

await withLocalServer(async (server) => {
  for (const name of names.filter((known) => requested.includes(known))) {
    const faults = await checks[name](server).catch((error: Error) => [error.message]);
    console.log(`${faults.length === 0 ? 'ok    ' : 'FAILED'} check:${name}`);
    for (const fault of faults) {
      console.error(fault);
      process.exitCode = 1;
    }
  }
}).catch((error: Error) => fail(error.message));
