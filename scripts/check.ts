/**
 * `npm run check [-- names]` starts the API once and checks what a user meets: what changed since the
 * last release, generated clients, the docs page in a browser, the OpenAPI document and its patterns,
 * the operator's command line, the Postman collection, the README's commands, the examples of the docs,
 * and, on servers of their own, a crash and the rotation of each kind of secret. All of them by default.
 */
import { checkChanges } from './check-changes.ts';
import { checkClient } from './check-client.ts';
import { checkCrash } from './check-crash.ts';
import { checkDocs } from './check-docs.ts';
import { checkDocument } from './check-document.ts';
import { checkPartner } from './check-partner.ts';
import { checkPatterns } from './check-patterns.ts';
import { checkPostman } from './check-postman.ts';
import { checkReadme } from './check-readme.ts';
import { checkRotation } from './check-rotation.ts';
import { checkSamples } from './check-samples.ts';
import { fail } from './fail.ts';
import { withLocalServer } from './local-server.ts';

const checks = {
  changes: checkChanges,
  client: checkClient,
  crash: checkCrash,
  docs: checkDocs,
  document: checkDocument,
  partner: checkPartner,
  patterns: checkPatterns,
  postman: checkPostman,
  readme: checkReadme,
  rotation: checkRotation,
  samples: checkSamples,
};

const asked = process.argv.slice(2);
const names = Object.keys(checks) as (keyof typeof checks)[];
const unknown = asked.filter((name) => !names.some((known) => known === name));
if (unknown.length > 0) {
  fail(`There is no check ${unknown.join(', ')}: choose from ${names.join(', ')}.`);
}

await withLocalServer(async (server) => {
  for (const name of names.filter((known) => asked.length === 0 || asked.includes(known))) {
    const faults = await checks[name](server).catch((error: Error) => [error.message]);
    console.log(`${faults.length === 0 ? 'ok    ' : 'FAILED'} check:${name}`);
    for (const fault of faults) {
      console.error(fault);
      process.exitCode = 1;
    }
  }
}).catch((error: Error) => fail(error.message));
