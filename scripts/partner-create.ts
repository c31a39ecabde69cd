/**
 * `npm run partner:create -- --name NAME [--remote]` creates a partner with one client and one API
 * key, all or nothing, in the local database or in the deployed one.
 */
import { parseArgs } from 'node:util';
import { fail } from './fail.ts';
import type { Finished } from './finished.ts';
import { local } from './local.ts';
import { credentialsSql, nameFault, newCredentials, partnerSql } from './partners.ts';
import { runWrangler } from './wrangler.ts';

const usage = 'Usage: npm run partner:create -- --name NAME [--remote]';

function options() {
  try {
    const { values } = parseArgs({
      options: { name: { type: 'string' }, remote: { type: 'boolean', default: false } },
    });
    return values;
  } catch (error) {
    return fail(`${(error as Error).message}\n${usage}`);
  }
}

/** What went wrong, told for the person who typed the command. */
function reason({ stdout, stderr }: Finished, name: string, where: 'local' | 'remote'): string {
  const said = errorText(stdout) ?? `${stderr}${stdout}`.trim();
  if (said.includes('UNIQUE constraint failed: partners.name')) {
    return `A partner named "${name}" is already in the ${where} database. Nothing was changed.`;
  }
  if (said.includes('no such table')) {
    const first = where === 'remote' ? 'npm run deploy' : 'npm run dev';
    return `The ${where} database has no tables yet: run \`${first}\` first.`;
  }
  return `Creating the partner failed: ${said}`;
}

/** The message in what `wrangler --json` prints for an error. */
function errorText(stdout: string): string | undefined {
  try {
    return JSON.parse(stdout).error.text;
  } catch {
    return undefined;
  }
}

const { name, remote } = options();
if (name === undefined) {
  fail(`--name is missing.\n${usage}`);
}
const fault = nameFault(name);
if (fault !== undefined) {
  fail(fault);
}

const now = Date.now();
const credentials = newCredentials(remote ? 'live' : 'test');
// Several statements in one command are one batch, and a batch is one transaction.
const sql = [partnerSql(name, now), ...(await credentialsSql(name, credentials, now))].join('; ');
const target = remote ? ['--remote', '--yes'] : ['--local', '--persist-to', local.database];
const where = remote ? 'remote' : 'local';
const result = await runWrangler(['d1', 'execute', 'DB', ...target, '--json', '--command', sql]);
if (result.code !== 0) {
  fail(reason(result, name, where));
}
console.log(`Created the partner "${name}" in the ${where} database.
Only hashes are stored: keep these now, they are not shown again.
client_id:     ${credentials.client_id}
client_secret: ${credentials.client_secret}
api_key:       ${credentials.api_key}`);
