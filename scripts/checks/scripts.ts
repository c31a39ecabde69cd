import { readFileSync } from 'node:fs';
import { DEV_SCRIPT, type LocalServer } from '../dev/local-server.ts';
import { OWN_GROUP, Running, start } from '../process/command.ts';
import { changedFiles, copyTree, withFolder } from '../process/folder.ts';
import { until } from '../process/until.ts';
import { neverRun, type Run, runs } from './npm-scripts.ts';

/** The longest time that one script may take on a busy machine. */
const SCRIPT_TIMEOUT_MS = 180_000;
/** The number of scripts that run at the same time. */
const CONCURRENCY = 2;
/** Matches a command of `.ci/run` that is an npm script. */
const STEP = /^[^#\n]*\bnpm (?:run (?:-s )?)?([\w:]+)/gm;
/** Match the two steps that together run every check. */
const ALL_CHECKS = [
  /^step npm run -s check -- --except "\$\{timed\[@\]\}"$/m,
  /^step npm run -s check -- --at-once 2 "\$\{timed\[@\]\}"$/m,
];

type Scripts = Readonly<Record<string, string>>;

/** Returns the commands of scripts that CI runs outside of this check. */
function commandsElsewhere(scripts: Scripts, checks: readonly string[]): Set<string | undefined> {
  const steps = readFileSync('.ci/run', 'utf8');
  return new Set([
    ...Array.from(steps.matchAll(STEP), ([, name]) => scripts[name as string]),
    ...(ALL_CHECKS.every((step) => step.test(steps)) ? checks : []).map(
      (name) => `${scripts.check} ${name}`,
    ),
    // The server of this check was started with it.
    `node ${DEV_SCRIPT}`,
  ]);
}

/** Compares package.json with the lists. @returns one sentence for each script that is missing in one of them. */
function listFaults(scripts: Scripts, checks: readonly string[]): string[] {
  const elsewhere = commandsElsewhere(scripts, checks);
  const listed = [...Object.keys(runs), ...Object.keys(neverRun)];
  const forgotten = Object.entries(scripts)
    .filter(([name, command]) => !listed.includes(name) && !elsewhere.has(command))
    .map(
      ([name]) => `Nothing in CI runs npm run ${name}. Add it to scripts/checks/npm-scripts.ts.`,
    );
  const unknown = listed
    .filter((name) => !(name in scripts))
    .map((name) => `scripts/checks/npm-scripts.ts has ${name}, which package.json lacks.`);
  return [...forgotten, ...unknown];
}

/** Runs a script in a folder until it ends. An endless one gets Ctrl-C as soon as it has worked. */
async function runScript(
  name: string,
  { args = [], prints, isEndless }: Run,
  environment: LocalServer['environment'],
  folder: string,
) {
  const running = new Running(
    start('npm', ['run', '-s', name, '--', ...args], {
      cwd: folder,
      environment: { ...environment, NO_COLOR: '1' },
      // So that a signal reaches the script below npm, as Ctrl-C does.
      ...OWN_GROUP,
    }),
  );
  const timer = setTimeout(() => running.signalGroup('SIGKILL'), SCRIPT_TIMEOUT_MS);
  if (isEndless) {
    await until(() => running.hasEnded || running.stdout.includes(prints), SCRIPT_TIMEOUT_MS);
    if (!running.hasEnded) {
      running.signalGroup('SIGINT');
    }
  }
  const end = await running.end;
  clearTimeout(timer);
  return end;
}

/** Runs a script. @returns one sentence if it ends with a fault or does not print what it should. */
async function faultsOf(
  name: string,
  run: Run,
  { environment }: LocalServer,
  folder: string,
): Promise<string[]> {
  const started = performance.now();
  const { code, stdout, stderr } = await runScript(name, run, environment, folder);
  console.log(`       ${((performance.now() - started) / 1000).toFixed(1)} s ${name}`);
  const output = stdout + stderr;
  if (code !== 0 && !run.isEndless) {
    return [`npm run ${name} ended with ${code ?? 'a time-out'}:\n${output}`];
  }
  return output.includes(run.prints)
    ? []
    : [`npm run ${name} does not print "${run.prints}":\n${output}`];
}

/** Takes scripts from those that are left, and runs one after the other in one copy of this tree. */
async function runSome(
  left: Iterable<[string, Run]>,
  server: LocalServer,
  folder: string,
): Promise<string[]> {
  copyTree(folder);
  const faults: string[] = [];
  for (const [name, run] of left) {
    faults.push(...(await faultsOf(name, run, server, folder)));
  }
  const changed = changedFiles(folder);
  return changed.length === 0
    ? faults
    : [...faults, `The scripts change files in their copy of this tree: ${changed.join(', ')}.`];
}

/**
 * Runs every npm script that nothing else in CI runs, at a small size and in a copy of this tree, whose files must
 * stay as they are. Fails if package.json has a script that CI does not run and that is not listed with a reason.
 *
 * @param checks the names of all checks, which `npm run check` runs.
 */
export async function checkScripts(
  server: LocalServer,
  checks: readonly string[],
): Promise<string[]> {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Scripts };
  const left = Object.entries(runs).values();
  // Two scripts at a time must not share a copy, because several of them write its assets.
  const runInCopy = (folder: string) => runSome(left, server, folder);
  const copies = Array.from({ length: CONCURRENCY }, () => withFolder(runInCopy));
  return [...listFaults(scripts, checks), ...(await Promise.all(copies)).flat()];
}
