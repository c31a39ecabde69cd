/**
 * `npm run partner -- COMMAND …`: partners with their clients and API keys, in the local database or,
 * with `--remote`, in the deployed one. `--help` tells commands, options and exit codes.
 */
import { readFileSync } from 'node:fs';
import { isCommand } from './partner/commands.ts';
import type { Context } from './partner/context.ts';
import { Failure, WrongUse } from './partner/failure.ts';
import { plain } from './partner/print.ts';
import { run } from './partner/run.ts';
import { help, usageOf } from './partner/usage.ts';
import { wranglerDatabase } from './partner/wrangler-database.ts';

/** What the deployment that wrangler.toml describes gives its new API keys. */
function deployedKeyKind(): 'live' | 'test' {
  return /^API_KEYS = "test"/m.test(readFileSync('wrangler.toml', 'utf8')) ? 'test' : 'live';
}

function contextOf(remote: boolean): Context {
  if (!remote && process.env.npm_config_remote !== undefined) {
    // Else another database than the one that was meant would be changed.
    throw new WrongUse('npm took --remote for itself. Write `--` after `npm run partner`.');
  }
  return {
    db: wranglerDatabase(remote),
    where: remote ? 'deployed' : 'local',
    now: Date.now(),
    keyKind: remote ? deployedKeyKind() : 'test',
  };
}

const args = process.argv.slice(2);
const json = args.includes('--json');

/** Prints for people, or as one JSON value and nothing else. */
function print(text: string, value: object): void {
  console.log(json ? JSON.stringify(value) : text);
}

function fail(error: Error, [first = '']: readonly string[]): void {
  console.error(error.message);
  if (error instanceof WrongUse && isCommand(first)) {
    console.error(usageOf(first));
  }
  if (json) {
    console.log(JSON.stringify({ error: error.message }));
  }
  process.exitCode = error instanceof Failure ? error.exitCode : 1;
}

if (args.includes('--help')) {
  print(help(), { help: help() });
} else {
  await run(args, contextOf).then(
    (outcome) => print(plain(outcome), outcome.json),
    (error: Error) => fail(error, args),
  );
}
