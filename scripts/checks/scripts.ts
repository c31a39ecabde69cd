import { readFileSync } from 'node:fs';
import { DEV_SCRIPT, type LocalServer } from '../dev/local-server.ts';
import { OWN_GROUP, Running, start } from '../process/command.ts';
import { changedFiles, copyTree, withFolder } from '../process/folder.ts';
import { until } from '../process/until.ts';

/** How CI runs a script of package.json that nothing else in CI runs. */
interface Run {
  /** The arguments that make it small. */
  readonly args?: readonly string[];
  /** A part of what it prints when it has worked. */
  readonly prints: string;
  /** Whether it goes on until Ctrl-C, which it then gets as soon as it has printed that part. */
  readonly isEndless?: boolean;
}

/** The scripts that this check runs, those that take long first. */
const runs: Readonly<Record<string, Run>> = {
  bench: {
    args: ['--tickets', '1000'],
    prints: 'operations are within their budgets, 0 exceed them.',
  },
  'bench:throughput': {
    args: ['--tickets', '1000', '--rounds', '1'],
    prints: 'a list page of 25, with the log',
  },
  'bench:import': {
    args: ['--tickets', '500', '--singles', '100'],
    prints: '500 tickets by batches of 500',
  },
  'bench:export': { args: ['--tickets', '1000'], prints: 'rows read for each ticket' },
  'bench:neighbours': {
    args: ['--tickets', '1000', '--seconds', '2'],
    prints: 'No verdict, because 2 seconds are not whole windows of 10.',
  },
  budgets: { args: ['--startups', '1'], prints: 'CPU time of the start' },
  'counts:check': { prints: 'Every stored count is correct.' },
  'db:generate': { prints: 'No schema changes, nothing to migrate' },
  types: { prints: 'Types written' },
  partner: { args: ['list'], prints: 'demo' },
  'webhooks:listen': {
    args: ['--forward-to', 'http://localhost:1', '--no-consent'],
    prints: 'Stop with Ctrl-C',
    isEndless: true,
  },
  events: { prints: 'prepared_ticket.created' },
  fix: { args: ['src/index.ts'], prints: 'No fixes applied.' },
  'demo:client': { prints: ':' },
  'demo:headers': { prints: 'x-api-key: ' },
  'keys:generate': { prints: '"kty":"EC"' },
};

/** The scripts that CI cannot run, and why. */
const neverRun: Readonly<Record<string, string>> = {
  deploy:
    'It needs an account, and changes what partners use. The script build does its first half.',
  mutants:
    'It runs tests for each of 40 faults, which takes longer than everything else in CI together.',
  'release:document':
    'It replaces the document of the last release and the declared changes, which only a release may do.',
};

/** The longest time that one script may take on a busy machine. */
const SCRIPT_TIMEOUT_MS = 180_000;
/** The number of scripts that run at the same time. */
const CONCURRENCY = 2;
/** Matches a step of `.ci/run` that is an npm script. */
const STEP = /^step npm (?:run (?:-s )?)?([\w:]+)/gm;
/** Matches the step that runs every check. */
const ALL_CHECKS = /^step npm run -s check$/m;

type Scripts = Readonly<Record<string, string>>;

/** Returns the commands of scripts that CI runs outside of this check. */
function commandsElsewhere(scripts: Scripts, checks: readonly string[]): Set<string | undefined> {
  const steps = readFileSync('.ci/run', 'utf8');
  return new Set([
    ...Array.from(steps.matchAll(STEP), ([, name]) => scripts[name as string]),
    // Without arguments, the step runs them all.
    ...(ALL_CHECKS.test(steps) ? checks : []).map((name) => `${scripts.check} ${name}`),
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
    .map(([name]) => `Nothing in CI runs npm run ${name}. Add it to scripts/checks/scripts.ts.`);
  const unknown = listed
    .filter((name) => !(name in scripts))
    .map((name) => `scripts/checks/scripts.ts has ${name}, which package.json lacks.`);
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
