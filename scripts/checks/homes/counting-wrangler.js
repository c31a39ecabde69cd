/**
 * Stands in for wrangler: Node.js loads this file before it. It answers every statement with no row, and writes how many
 * stand-ins ran when it began, itself included, into the folder that RUNNING_WRANGLERS names.
 */
import { appendFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Long enough that all commands that do not wait for each other run at once. */
const DURATION_MS = 500;

const folder = process.env.RUNNING_WRANGLERS;
if (folder !== undefined && basename(process.argv[1] ?? '') === 'cli.js') {
  const own = join(folder, 'running', String(process.pid));
  writeFileSync(own, '');
  appendFileSync(join(folder, 'counts'), `${readdirSync(join(folder, 'running')).length}\n`);
  await sleep(DURATION_MS);
  rmSync(own);
  console.log(JSON.stringify(Array(10).fill({ results: [], meta: {} })));
  process.exit();
}
