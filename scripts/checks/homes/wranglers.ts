import { copyFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from '../../process/command.ts';
import { withFolder } from '../../process/folder.ts';
import { addHomes, otherHome } from './other-homes.ts';

const HOMES = 12;
const MAX_WRANGLERS = 4;

/** The commands that ask every home. */
const commands = [
  ['scripts/operate/homes.ts'],
  ['scripts/operate/deploy.ts', '--rehearse'],
  ['scripts/partner/partner.ts', 'list'],
] as const;

/** Runs a command with a stand-in for wrangler. @returns a fault unless one asks each home, and few run at a time. */
async function countWranglers([script, ...args]: (typeof commands)[number]): Promise<string[]> {
  return withFolder(async (folder) => {
    copyFileSync('wrangler.toml', join(folder, 'wrangler.toml'));
    symlinkSync(resolve('drizzle'), join(folder, 'drizzle'), 'junction');
    mkdirSync(join(folder, 'running'));
    const others = Array.from({ length: HOMES - 1 }, (_, i) => otherHome(`h${i + 1}`, i + 1));
    addHomes(folder, others);
    const standIn = pathToFileURL('scripts/checks/homes/counting-wrangler.js');
    const environment = { RUNNING_WRANGLERS: folder, NODE_OPTIONS: `--import ${standIn}` };
    const options = { cwd: folder, environment };
    const { stdout, stderr } = await run(process.execPath, [resolve(script), ...args], options);
    const counts = readFileSync(join(folder, 'counts'), 'utf8').trim().split('\n').map(Number);
    const most = Math.max(...counts);
    return counts.length === HOMES && most <= MAX_WRANGLERS
      ? []
      : [`${script} runs ${counts.length} wranglers, ${most} at a time:\n${stdout}${stderr}`];
  });
}

/** Checks that the commands that ask every home start no more wranglers at a time than a machine can bear. */
export async function checkWranglers(): Promise<string[]> {
  const faults: string[] = [];
  for (const command of commands) {
    faults.push(...(await countWranglers(command)));
  }
  return faults;
}
