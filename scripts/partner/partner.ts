/**
 * `npm run partner -- COMMAND …` manages partners with their clients and API keys in the local
 * database, or in the deployed one with `--remote`. `--help` shows the commands and exit codes.
 */
import { readFileSync } from 'node:fs';
import type { Home } from '../../src/homes.ts';
import { configuredHomes } from '../homes/configured-homes.ts';
import type { Context } from './context.ts';
import { Failure, WrongUse } from './failure.ts';
import { plain } from './print.ts';
import { run } from './program.ts';
import type { Outcome } from './view.ts';
import { wranglerDatabase } from './wrangler-database.ts';

/** Returns the kind of the API keys that the deployment creates, as wrangler.toml says. */
function deployedKeyKind(): 'live' | 'test' {
  return /^API_KEYS = "test"/m.test(readFileSync('wrangler.toml', 'utf8')) ? 'test' : 'live';
}

function contextOf(remote: boolean): Context {
  if (!remote && process.env.npm_config_remote !== undefined) {
    // Without this check the command would change the local database instead of the deployed one.
    throw new WrongUse('npm consumed the option --remote. Write `--` after `npm run partner`.');
  }
  const [main, ...others] = configuredHomes();
  const open = (home: Home) => wranglerDatabase(home, remote, others.length > 0);
  return {
    homes: [open(main), ...others.map(open)],
    where: remote ? 'deployed' : 'local',
    now: Date.now(),
    keyKind: remote ? deployedKeyKind() : 'test',
  };
}

const args = process.argv.slice(2);
const json = args.includes('--json');

function succeed(outcome: Outcome): void {
  console.log(json ? JSON.stringify(outcome.json) : plain(outcome));
}

function fail(error: Error): void {
  console.error(error.message);
  if (error instanceof WrongUse && error.help !== '') {
    console.error(`\n${error.help}`);
  }
  if (json) {
    console.log(JSON.stringify({ error: error.message }));
  }
  process.exitCode = error instanceof Failure ? error.exitCode : 1;
}

await run(args, contextOf).then(succeed, fail);
